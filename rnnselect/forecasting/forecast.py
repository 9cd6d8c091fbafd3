"""A series continued by a regressor that was fitted on its windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from rnnselect.forecasting.windows import SIZE, read_series
from rnnselect.parameters import validated
from rnnselect.sequences.carried import Windows, carrying

__all__ = ["forecast"]

# Where scikit-learn's meta-estimators keep the regressor that they have fitted.
_FITTED_INSIDE = ("best_estimator_", "regressor_")


@validated(
    model=[HasMethods(["fit", "predict"])],
    steps=SIZE,
    length=[None, *SIZE],
    horizon=[None, *SIZE],
)
def forecast(
    model: Any,
    history: ArrayLike,
    steps: int,
    *,
    length: int | None = None,
    horizon: int | None = None,
) -> np.ndarray[Any, Any]:
    """Continue a series, each step predicted from the ones before it.

    The model predicts the steps after the last window; the forecast is appended to the series, and
    so on. Errors accumulate, so that distant steps are less certain than near ones; by how much is
    not estimated. The alternative for a fixed number of steps is a direct forecast:
    ``make_windows(..., horizon=steps)`` and one call of ``model.predict``.

    Parameters
    ----------
    model : regressor
        Fitted on windows of `make_windows`, with all channels as targets: an `RNNRegressor`, or
        any regressor, pipeline or search of scikit-learn. Networks and `SequenceScaler` remember
        their windows; for other regressors give `length` and `horizon`.
    history : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        The series up to now, in the form that `make_windows` was given; at least one window.
        Columns of a data frame are matched by name.
    steps : int
        Number of time steps to forecast.
    length : int or None, default=None
        Time steps of a window. None: as the model remembers, else ``n_features_in_`` of the
        regressor for a one-dimensional series.
    horizon : int or None, default=None
        Time steps that the model predicts at once, as given to `make_windows`. None: what the
        model remembers, else, for one channel, all that it predicts.

    Returns
    -------
    ndarray of shape (steps,) or (steps, n_channels)
        The steps after `history`.

    Raises
    ------
    ValueError
        If the model does not predict all channels, if its windows are not known, or if `history`
        is malformed, has other columns, is shorter than a window or has a gap in the last one.
    NotFittedError
        If the model is not fitted.

    References
    ----------
    .. [1] Ben Taieb, S., Bontempi, G., Atiya, A. F. and Sorjamaa, A. (2012). A review and
           comparison of strategies for multi-step ahead time series forecasting based on the
           NN5 forecasting competition. Expert Systems with Applications, 39(8), 7067-7083.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from rnnselect.forecasting.forecast import forecast
    >>> from rnnselect.forecasting.windows import make_windows
    >>> series = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0]
    >>> model = LinearRegression(fit_intercept=False).fit(*make_windows(series, length=2))
    >>> forecast(model, series, steps=3).round(3)
    array([34., 55., 89.])
    """
    check_is_fitted(model)
    found = read_series(history, "history")
    channels = found.values.astype(np.float64).reshape(len(found.values), -1)
    learnt = _what_remembers(model)
    windows = getattr(learnt, "windows_", None)
    flat = found.values.ndim == 1
    names = tuple(getattr(learnt, "feature_names_in_", ())) or None
    order = _order(found.columns, names, channels.shape[1])
    if windows is None:
        windows = _windows(model, channels, flat, length, horizon)
    _check_windows(windows, length, horizon, channels.shape[1])
    length = windows.length
    _check_long_enough(channels, length)
    if found.starts[-1] > len(channels) - length:
        raise ValueError(
            f"history has a gap in its index, or the end of another series, before row "
            f"{found.starts[-1]}, within the last {length} time steps, from which the model "
            "predicts; fill the gap, give one series, or history.to_numpy() if there is no gap."
        )
    window, n_known = channels[-length:, order], 0
    made: list[np.ndarray[Any, Any]] = []
    while n_known < steps:
        made.append(_next_steps(model, window, windows, names, flat))
        n_known += len(made[-1])
        window = np.concatenate([window, made[-1]])[-length:]
    forecasts = np.concatenate(made)[:steps, np.argsort(order)]
    return forecasts[:, 0] if flat else forecasts


def _next_steps(
    model: Any, window: np.ndarray[Any, Any], windows: Windows, names: Any, flat: bool
) -> np.ndarray[Any, Any]:
    """Return what the model predicts to follow a window, (horizon, n_channels)."""
    X = carrying((window[:, 0] if flat else window)[None], names, windows)
    predicted = np.asarray(model.predict(X), dtype=np.float64).ravel()
    n_channels = len(windows.targets)
    if len(predicted) != windows.horizon * n_channels:
        raise ValueError(
            f"model predicts {len(predicted)} value(s) from a window; {windows.horizon} step(s) of "
            f"all {n_channels} channel(s) of history are needed to go on. Fit it on "
            "make_windows(..., targets=None), with its horizon given here as well, or forecast "
            "directly: make_windows(..., horizon=steps) and one call of model.predict."
        )
    return predicted.reshape(windows.horizon, n_channels)[:, np.argsort(windows.targets)]


def _windows(
    model: Any,
    channels: np.ndarray[Any, Any],
    flat: bool,
    length: int | None,
    horizon: int | None,
) -> Windows:
    """Return what the windows of a model are that does not remember them, as the user says."""
    n_channels = channels.shape[1]
    if length is None:
        length = _window_length(model, flat)
    if horizon is None and n_channels > 1:
        raise ValueError(
            f"horizon=None, and {type(model).__name__} does not remember the windows that it was "
            "fitted on; give horizon as it was given to make_windows, if the model predicts all "
            f"{n_channels} channels in their order."
        )
    _check_long_enough(channels, length)
    if horizon is None:  # of one channel, all that the model predicts
        window = channels[-length:]
        horizon = max(1, np.size(model.predict((window[:, 0] if flat else window)[None])))
    return Windows(length, horizon, tuple(range(n_channels)))


def _check_long_enough(channels: np.ndarray[Any, Any], length: int) -> None:
    if len(channels) < length:
        raise ValueError(
            f"history has {len(channels)} time step(s), and the model predicts from windows of "
            f"{length}; give at least the last {length}."
        )


def _check_windows(
    windows: Windows, length: int | None, horizon: int | None, n_channels: int
) -> None:
    for name, value in (("length", length), ("horizon", horizon)):
        if value is not None and value != getattr(windows, name):
            raise ValueError(
                f"{name}={value}, but the model was fitted on windows with {name}="
                f"{getattr(windows, name)}; leave {name} out."
            )
    if sorted(windows.targets) != list(range(n_channels)):
        raise ValueError(
            f"model predicts the channel(s) {list(windows.targets)}, and to go on it takes exactly "
            f"those of history, which has {n_channels}. Fit it on make_windows(..., targets=None), "
            "or forecast directly: make_windows(..., horizon=steps) and one call of model.predict."
        )


def _order(
    given: tuple[str, ...] | None, fitted: tuple[str, ...] | None, n_channels: int
) -> list[int]:
    """Return the positions in history of the channels as they were in fit, matched by name."""
    if given is None or (fitted is None and n_channels == 1):
        return list(range(n_channels))
    if fitted is None:
        raise ValueError(
            f"history has the columns {list(given)}, and the model does not remember the columns "
            "of the windows that it was fitted on; fit an RNNRegressor on make_windows of a data "
            "frame, or give history.to_numpy() with the columns in the order they had then."
        )
    if set(given) != set(fitted):
        raise ValueError(
            f"history has the columns {list(given)}, and the model was fitted on {list(fitted)}; "
            "give a data frame with the same columns, in any order."
        )
    return [given.index(name) for name in fitted]


def _window_length(model: Any, flat: bool) -> int:
    network = _innermost(model)
    if hasattr(network, "n_timesteps_in_"):
        return int(network.n_timesteps_in_)
    if flat and hasattr(model, "n_features_in_"):
        return int(model.n_features_in_)
    raise ValueError(
        f"length=None, and {type(model).__name__} does not say how long its windows are; give "
        "length as it was given to make_windows."
    )


def _what_remembers(model: Any) -> Any:
    """Return what remembers its windows: an estimator of this package inside others, or None."""
    if hasattr(model, "steps"):
        found = (_what_remembers(step) for _, step in model.steps)
        return next((each for each in found if each is not None), None)
    if hasattr(model, "windows_"):
        return model
    inside = [getattr(model, name) for name in _FITTED_INSIDE if hasattr(model, name)]
    return _what_remembers(inside[0]) if inside else None


def _innermost(model: Any) -> Any:
    """Return the fitted regressor inside pipelines, searches and other meta-estimators."""
    if hasattr(model, "steps"):
        return _innermost(model.steps[-1][1])
    for name in _FITTED_INSIDE:
        if hasattr(model, name):
            return _innermost(getattr(model, name))
    return model
