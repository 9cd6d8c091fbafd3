"""Masked arrays become arrays with NaN, wherever one may come from."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["TIME_REMEDY", "unmasked", "without_mask"]

TIME_REMEDY = "Give the time that has passed, e.g. in seconds, as a number."


def unmasked(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array without mask: NaN stands where values are masked, among texts as well.

    Parameters
    ----------
    values : ndarray
        With or without a mask.

    Returns
    -------
    ndarray
        The same array, if nothing is masked.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.masks import unmasked
    >>> unmasked(np.ma.masked_equal([1, 2, 9], 9))
    array([ 1.,  2., nan])
    """
    if not isinstance(values, np.ma.MaskedArray):
        return values
    plain: np.ndarray[Any, Any] = values.data
    if not np.ma.is_masked(values):
        return plain
    kind = values.dtype.kind
    if kind in "biu":  # 8 and 16 bits fit into single precision, all others take double
        plain = plain.astype(np.result_type(values.dtype, np.float32))
    elif kind not in "fc":
        plain = plain.astype(object)
    return np.where(np.ma.getmaskarray(values), np.nan, plain)


def without_mask(values: Any, name: str) -> Any:
    """Return values as they are, but NaN where a masked array hides one.

    Parameters
    ----------
    values : object
        Targets, weights or groups; anything but an array or a list of arrays is let through.
    name : str
        Of `values`, for the error.

    Returns
    -------
    object
        Without masks.

    Raises
    ------
    ValueError
        If the values are dates or spans of time, which scikit-learn would take for huge numbers.
    """
    if isinstance(values, list | tuple):
        if not any(isinstance(each, np.ma.MaskedArray) for each in values):
            return values
        return [without_mask(each, name) for each in values]
    if isinstance(values, np.ndarray) or not hasattr(values, "__array__"):
        array = values
    else:
        array = np.asanyarray(values)
    if getattr(getattr(array, "dtype", None), "kind", "") in ("m", "M"):
        raise ValueError(
            f"{name} has dtype {array.dtype}, and times are neither numbers nor classes. "
            + TIME_REMEDY
        )
    return unmasked(array) if isinstance(array, np.ma.MaskedArray) else values
