"""Collections of series of aeon and sktime, turned into sequences of this package."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.preprocessing.columns import Array
from rnnselect.preprocessing.frames import sequences_from_frame
from rnnselect.sequences.carried import carrying
from rnnselect.sequences.containers import Contents, align_columns, open_array, refuse_iterators
from rnnselect.sequences.ragged import ragged

__all__ = ["sequences_from_collection"]

_FORMS = (
    "an array (n_samples, n_channels, n_timesteps), a list of arrays (n_channels, n_timesteps_i) "
    "or of frames, a nested frame whose cells are series, or a frame indexed by series and time"
)
# What the levels of an index become when they are turned into columns.
_LEVELS = ["series (first level of the index)", "time (second level of the index)"]


def sequences_from_collection(collection: Any, *, channels_first: bool | None = None) -> Array:
    """Convert a collection of series of aeon or sktime, which need not be installed.

    Both libraries keep the channels of a series before its time steps; the estimators of this
    package, like Keras, keep them after.

    Parameters
    ----------
    collection : array, list or pandas frame
        One of

        - array of shape (n_samples, n_channels, n_timesteps) (``numpy3D``), or
          (n_samples, n_timesteps) for one channel (``numpy2D``, ``numpyflat``);
        - list of arrays of shape (n_channels, n_timesteps_i) (``np-list``), or (n_timesteps_i,);
        - list of pandas frames (``df-list``), see `channels_first`;
        - nested pandas frame, each cell of which holds a whole series (``nested_univ``);
        - pandas frame with an index of two levels, series and time (``pd-multiindex``).
    channels_first : bool or None, default=None
        Whether each element of an array or a list is channels by time steps. None means yes for
        arrays and no for frames with named columns, as sktime has them (rows are time steps).
        Frames of aeon are transposed and have numbered rows and columns, so frames with numbered
        columns need True (aeon) or False (sktime).

    Returns
    -------
    ndarray of shape (n_samples, n_timesteps, n_channels) or (n_samples,)
        One array of floats if all series are equally long; else a 1-D object array of one array of
        shape (n_timesteps_i, n_channels) for each series. Missing values stay NaN. The array
        carries the channel names of frames, in the order of the first frame; networks match
        channels by these names.

    Raises
    ------
    ValueError
        If the collection is empty or malformed, series differ in their channels, or the rows of a
        frame may be time steps or channels.
    TypeError
        If it is of another kind.

    See Also
    --------
    rnnselect.preprocessing.frames.sequences_from_frame : For tables of other kinds.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.preprocessing.collections import sequences_from_collection
    >>> sequences_from_collection(np.zeros((10, 3, 50))).shape
    (10, 50, 3)
    >>> X = sequences_from_collection([np.zeros((3, 50)), np.zeros((3, 40))])
    >>> [x.shape for x in X]
    [(50, 3), (40, 3)]
    """
    if channels_first not in (None, True, False):
        raise ValueError(f"channels_first={channels_first!r} must be True, False or None.")
    refuse_iterators(collection, "collection", _FORMS)
    if hasattr(collection, "columns"):
        series, columns = _series_of_frame(collection)
    elif isinstance(collection, list | tuple) or np.ndim(collection) > 0:
        turned = [_time_first(i, x, channels_first) for i, x in enumerate(collection)]
        series, columns = align_columns(turned, None, "collection")
    else:
        raise TypeError(f"collection is of type {type(collection).__name__}; give {_FORMS}.")
    _check_shapes(series)
    equally_long = len({len(x) for x in series}) == 1
    return carrying(np.array(series), columns) if equally_long else ragged(series, columns)


def _time_first(i: int, x: Any, channels_first: bool | None) -> Contents:
    """Return one element of an array or a list as (n_timesteps, n_channels)."""
    if channels_first is None and hasattr(x, "columns"):
        if not all(isinstance(name, str) for name in x.columns):
            raise ValueError(
                f"collection[{i}] is a frame whose columns are not named, so that its rows may be "
                "time steps (sktime) or channels (aeon): set channels_first=False for sktime, "
                "channels_first=True for aeon."
            )
        channels_first = False
    values, columns = _floats(x, f"collection[{i}]")
    if values.ndim not in (1, 2):
        raise ValueError(
            f"collection[{i}] has {values.ndim} dimension(s) and is not a series; give {_FORMS}."
        )
    if values.ndim == 1:
        return Contents(values[:, None], columns)
    return Contents(values, columns) if channels_first is False else Contents(values.T, None)


def _floats(x: Any, name: str) -> Contents:
    try:
        values, columns = open_array(x, name)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return Contents(values if values.dtype.kind == "f" else values.astype(float), columns)


def _check_shapes(series: list[Array]) -> None:
    if not series:
        raise ValueError("collection is empty: found 0 sample(s); give at least one series.")
    for i, x in enumerate(series):
        if x.size == 0:
            raise ValueError(f"collection[{i}] has no values (length 0); drop empty series.")
        if x.shape[1] != series[0].shape[1]:
            raise ValueError(
                f"collection[{i}] has {x.shape[1]} channel(s) and collection[0] has "
                f"{series[0].shape[1]}; all series must have the same channels. Series that are "
                "already (n_timesteps_i, n_channels) go to the estimators as they are."
            )


def _series_of_frame(frame: Any) -> tuple[list[Array], tuple[str, ...]]:
    n_levels = getattr(getattr(frame, "index", None), "nlevels", None)
    names = [str(name) for name in frame.columns]
    if n_levels == 2:
        flat = frame.set_axis(names, axis=1).reset_index(names=_LEVELS)
        found = sequences_from_frame(flat, by=_LEVELS[0], order=_LEVELS[1], values=names)
        return list(found.X), tuple(names)
    if n_levels == 1 and all(dtype.kind == "O" for dtype in frame.dtypes):
        cells = frame.to_numpy()
        return [_series_of_cells(i, row) for i, row in enumerate(cells)], tuple(names)
    raise ValueError(
        f"collection is a frame of type {type(frame).__name__} that is neither nested nor has an "
        "index of two levels. A frame with one row per series goes to the estimators as it is; for "
        "others, see sequences_from_frame."
    )


def _series_of_cells(i: int, cells: Array) -> Array:
    """Return one row of a nested frame as (n_timesteps, n_channels)."""
    names = [f"row {i}, column {c} of collection" for c in range(len(cells))]
    channels = [_floats(cell, name).values for cell, name in zip(cells, names, strict=True)]
    for channel, name in zip(channels, names, strict=True):
        if channel.ndim != 1:
            raise ValueError(
                f"{name} has {channel.ndim} dimensions; each cell of a nested frame holds one "
                "series, (n_timesteps,)."
            )
        if len(channel) != len(channels[0]):
            raise ValueError(
                f"{name} has {len(channel)} time steps and column 0 has {len(channels[0])}; all "
                "channels of a series must be equally long: fill with NaN, or resample."
            )
    return np.column_stack(channels)
