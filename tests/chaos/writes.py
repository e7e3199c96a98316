"""to come"""


def writes(folder, count, seed):
    yield from ()
