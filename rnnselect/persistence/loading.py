"""`load`: a file becomes a fitted estimator, or an error."""

from __future__ import annotations

from os import PathLike
from typing import Any

from sklearn.utils._param_validation import validate_parameter_constraints

from rnnselect.archive.reading import open_archive, refusing
from rnnselect.persistence.pipelines import restore

__all__ = ["load"]


def load(path: str | PathLike[str], *, return_metadata: bool = False) -> Any:
    """Return the fitted estimator that `save` has written to a file.

    The file may come from anywhere: whatever it holds, loading it never runs code from it, and
    takes no more memory than the file's size and fixed limits allow. The result is an estimator
    whose parts fit together, or a `ModelFileError`. Keras is imported when the network is first
    used, or at once if the parameter `optimizer` is a Keras optimizer.

    Parameters
    ----------
    path : path-like
        The file.
    return_metadata : bool, default=False
        Whether to return the `metadata` of `save`, too.

    Returns
    -------
    estimator : RNNClassifier, RNNRegressor, SequenceTokenizer, SequenceScaler or Pipeline
        Fitted.
    metadata : dict
        Empty where none was given; only with `return_metadata`.

    Raises
    ------
    ModelFileError
        If the file is damaged, not written by `save`, or by a newer release.
    OSError
        If there is no such file, or it cannot be read.

    See Also
    --------
    save : Writes such files.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rnnselect import SequenceTokenizer, load, save
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "words.rnnselect"
    ...     save(SequenceTokenizer().fit(["a good film"]), path, metadata={"source": "reviews"})
    ...     tokenizer, metadata = load(path, return_metadata=True)
    >>> tokenizer.transform(["a film"])[0].tolist(), metadata
    ([2, 3], {'source': 'reviews'})
    """
    validate_parameter_constraints({"path": [str, PathLike]}, {"path": path}, caller_name="load")
    with refusing(path), open_archive(path) as archive:
        metadata = archive.document("metadata.json")
        if not isinstance(metadata, dict):
            raise ValueError("metadata.json is not an object")
        estimator = restore(archive.document("estimator.json"), archive)
    return (estimator, metadata) if return_metadata else estimator
