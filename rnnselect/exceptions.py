"""The errors and warnings that are rnnselect's own."""

__all__ = [
    "BudgetTooSmallError",
    "HistoryFileError",
    "HistoryNotKeptWarning",
    "MissingBackendError",
    "OverlappingWindowsWarning",
    "ProgramLimitWarning",
]


class BudgetTooSmallError(ValueError):
    """The work cannot even start within the budget; the message names the smallest useful one.

    Parameters
    ----------
    message : str
        What does not fit, and the remedy.
    smallest_useful_seconds : float
        The smallest budget, in seconds, with which the same call would do something useful.
    """

    def __init__(self, message: str, smallest_useful_seconds: float) -> None:
        super().__init__(message)
        self.smallest_useful_seconds = smallest_useful_seconds

    def __reduce__(self) -> tuple[type, tuple[str, float]]:
        return type(self), (str(self), self.smallest_useful_seconds)


class HistoryFileError(ValueError):
    """The file of earlier races cannot be used as one; nothing was read from it."""


class HistoryNotKeptWarning(UserWarning):
    """A finished race could not be added to the file of earlier races; the advice stands."""


class MissingBackendError(ImportError):
    """Keras or the backend that it is set to use cannot be imported."""


class OverlappingWindowsWarning(UserWarning):
    """Rows look like overlapping windows of one series, and the splitter would shuffle them."""


class ProgramLimitWarning(UserWarning):
    """Nearly as many compiled programs are alive as one process can hold."""
