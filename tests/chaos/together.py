"""to come"""


def together(folder, count, seed):
    yield from ()
