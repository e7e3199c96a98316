"""What can go wrong, as types. Every message says what is wrong, with the value, and what to do."""


class TaylorkitError(Exception):
    """Anything that taylorkit refuses or finds broken; the command line prints it without a traceback."""


class SpecError(TaylorkitError, ValueError):
    """A spec, an option or an argument that cannot be run as it stands."""


class UndrawableError(SpecError):
    """A figure that was asked for rightly, of numbers that it cannot show: f is not finite there, say."""


class FunctionError(TaylorkitError, ValueError):
    """A function that cannot be found, traced or differentiated."""


class IntegrityError(TaylorkitError):
    """Stored bytes that are not what was written, or that were never committed."""
