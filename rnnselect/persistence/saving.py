"""`save`: a fitted estimator becomes a file."""

from __future__ import annotations

from os import PathLike
from typing import Any

from sklearn.utils._param_validation import validate_parameter_constraints

from rnnselect.archive.writing import ArrayStore, write_archive
from rnnselect.persistence.pipelines import record, restore

__all__ = ["save"]


def save(
    estimator: Any, path: str | PathLike[str], *, metadata: dict[str, Any] | None = None
) -> None:
    """Write a fitted estimator to a file that `load` reads, without pickle.

    The file holds plain numbers and texts only, so that loading one from somebody else cannot
    run code. The same estimator gives the same bytes, and the loaded one the same predictions, to
    the last bit.

    Parameters
    ----------
    estimator : RNNClassifier, RNNRegressor, SequenceTokenizer, SequenceScaler or Pipeline
        Fitted; a scikit-learn pipeline of these, nested or not. For a fitted `RNNAdvisor` or
        `GridSearchCV` give ``best_estimator_``.
    path : path-like
        The file, such as ``"model.rnnselect"``. An existing one is replaced in one step, once
        the new one is complete.
    metadata : dict or None, default=None
        Notes to keep in the file, such as where the data come from: values that JSON keeps
        without change.

    Raises
    ------
    ValueError
        If something in the estimator cannot be saved, such as a callback or an analyzer that is
        a function; the message names the parameter and the remedy. Nothing is written then.
    ModelFileError
        If the estimator could not be loaded again, such as with parameters that `fit` refuses.
    OSError
        If the file cannot be written.

    See Also
    --------
    load : The way back.

    Notes
    -----
    The requests of scikit-learn's metadata routing and the callbacks used in `fit` are not saved.
    Everything that `partial_fit` needs to continue is saved, the optimizer's state included.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rnnselect import SequenceTokenizer, load, save
    >>> tokenizer = SequenceTokenizer().fit(["the film was good"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "words.rnnselect"
    ...     save(tokenizer, path, metadata={"source": "reviews"})
    ...     load(path).vocabulary_
    {'film': 2, 'good': 3, 'the': 4, 'was': 5}
    """
    validate_parameter_constraints({"path": [str, PathLike]}, {"path": path}, caller_name="save")
    arrays = ArrayStore()
    document = record(estimator, arrays)
    write_archive(path, document, arrays, metadata, restore)
