"""to come"""


def full(folder, count, seed):
    yield from ()


def readonly(folder, count, seed):
    yield from ()


def vanished(folder, count, seed):
    yield from ()
