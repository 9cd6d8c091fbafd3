"""A series continued by a regressor that was fitted on its windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import HasMethods, validate_parameter_constraints
from sklearn.utils.validation import check_is_fitted

from rnnselect.forecasting.windows import SIZE, read_series

__all__ = ["forecast"]

# Where scikit-learn's meta-estimators keep the regressor that they have fitted.
_FITTED_INSIDE = ("best_estimator_", "regressor_")


def forecast(
    model: Any,
    history: ArrayLike,
    steps: int,
    *,
    length: int | None = None,
    horizon: int | None = None,
) -> np.ndarray[Any, Any]:
    """Continue a series, each step predicted from the ones before it.

    The model predicts what follows the last window; the forecast is appended to the series, and
    so on. Errors feed on errors, so that distant steps are less certain than near ones; by how
    much is not estimated. The alternative for a fixed number of steps is a direct forecast:
    ``make_windows(..., horizon=steps)`` and one call of ``model.predict``.

    Parameters
    ----------
    model : regressor
        Fitted on windows of `make_windows`, with all channels as targets: an `RNNRegressor`, or
        any regressor, pipeline or search of scikit-learn.
    history : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        The series up to now, in the form that `make_windows` was given; at least one window.
    steps : int
        Number of time steps to forecast.
    length : int or None, default=None
        Time steps of a window. None: read from the model (``n_timesteps_in_`` of a network,
        ``n_features_in_`` of another regressor for a one-dimensional series).
    horizon : int or None, default=None
        Time steps that the model predicts at once, as given to `make_windows`. None: all that it
        predicts, for one channel; 1, for several.

    Returns
    -------
    ndarray of shape (steps,) or (steps, n_channels)
        The steps after `history`.

    Raises
    ------
    ValueError
        If the model does not predict all channels, if its window length is not known, or if
        `history` is malformed or shorter than a window.
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
    validate_parameter_constraints(
        {
            "model": [HasMethods(["fit", "predict"])],
            "steps": SIZE,
            "length": [None, *SIZE],
            "horizon": [None, *SIZE],
        },
        {"model": model, "steps": steps, "length": length, "horizon": horizon},
        caller_name="forecast",
    )
    check_is_fitted(model)
    series = read_series(history, "history").astype(np.float64)
    if length is None:
        length = _window_length(model, series)
    if len(series) < length:
        raise ValueError(
            f"history has {len(series)} time step(s), and the model predicts from windows of "
            f"{length}; give at least the last {length}."
        )
    window, n_known = series[-length:], 0
    made: list[np.ndarray[Any, Any]] = []
    while n_known < steps:
        made.append(_next_steps(model, window, horizon))
        n_known += len(made[-1])
        window = np.concatenate([window, made[-1]])[-length:]
    return np.concatenate(made)[:steps]


def _next_steps(
    model: Any, window: np.ndarray[Any, Any], horizon: int | None
) -> np.ndarray[Any, Any]:
    """Return what the model predicts to follow a window: steps of the same form."""
    predicted = np.asarray(model.predict(window[None]), dtype=np.float64).ravel()
    n_channels = window[0].size
    if horizon is None:
        horizon = 1 if n_channels > 1 else len(predicted)
    if len(predicted) != horizon * n_channels:
        raise ValueError(
            f"model predicts {len(predicted)} value(s) from a window; {horizon} step(s) of all "
            f"{n_channels} channel(s) of history are needed to go on. Fit it on "
            "make_windows(..., targets=None), with its horizon given here as well, or forecast "
            "directly: make_windows(..., horizon=steps) and one call of model.predict."
        )
    return predicted.reshape(horizon, *window.shape[1:])


def _window_length(model: Any, series: np.ndarray[Any, Any]) -> int:
    network = _innermost(model)
    if hasattr(network, "n_timesteps_in_"):
        return int(network.n_timesteps_in_)
    if series.ndim == 1 and hasattr(model, "n_features_in_"):
        return int(model.n_features_in_)
    raise ValueError(
        f"length=None, and {type(model).__name__} does not say how long its windows are; give "
        "length as it was given to make_windows."
    )


def _innermost(model: Any) -> Any:
    """Return the fitted regressor inside pipelines, searches and other meta-estimators."""
    if hasattr(model, "steps"):
        return _innermost(model.steps[-1][1])
    for name in _FITTED_INSIDE:
        if hasattr(model, name):
            return _innermost(getattr(model, name))
    return model
