"""The errors and warnings that are rnnselect's own."""

__all__ = [
    "BudgetTooSmallError",
    "CheckpointWarning",
    "HistoryFileError",
    "HistoryNotKeptWarning",
    "MissingBackendError",
    "ModelFileError",
    "NoCellFitsError",
    "OverlappingWindowsWarning",
    "ProgramLimitWarning",
]


class BudgetTooSmallError(ValueError):
    """The budget is too small to start the work; the message names the smallest useful budget.

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


class CheckpointWarning(UserWarning):
    """A checkpoint file cannot be used, or a fit cannot be kept; the comparison continues."""


class HistoryFileError(ValueError):
    """The file of earlier races cannot be used; nothing was read from it."""


class HistoryNotKeptWarning(UserWarning):
    """A finished race could not be added to the file of earlier races; the advice is valid."""


class MissingBackendError(ImportError):
    """Keras or the backend that it is set to use cannot be imported."""


class ModelFileError(ValueError):
    """A model file cannot be loaded or saved; the message says which, what is wrong and the remedy.

    Whatever a file holds, loading it ends in an estimator or in this error (or in an `OSError`
    where it cannot be read at all).

    Examples
    --------
    >>> import tempfile
    >>> from rnnselect import load
    >>> from rnnselect.exceptions import ModelFileError
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     try:
    ...         load(file.name)
    ...     except ModelFileError as error:
    ...         print("refused:", error)
    refused: ...
    """


class NoCellFitsError(ValueError):
    """Each cell's network exceeds a limit of the budget; the message names limits and remedy.

    Parameters
    ----------
    message : str
        What each cell takes, what is allowed, and what would fit.
    units_that_fit : dict of str to int or None
        For each cell, the most units with which it would keep all limits; None where not even
        one unit would.
    """

    def __init__(self, message: str, units_that_fit: dict[str, int | None]) -> None:
        super().__init__(message)
        self.units_that_fit = units_that_fit

    def __reduce__(self) -> tuple[type, tuple[str, dict[str, int | None]]]:
        return type(self), (str(self), self.units_that_fit)


class OverlappingWindowsWarning(UserWarning):
    """Rows look like overlapping windows of one series, and the splitter would shuffle them."""


class ProgramLimitWarning(UserWarning):
    """The process has nearly as many compiled programs as it can hold."""
