"""Cross-validation of overlapping windows, in which no time step is on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import TimeSeriesSplit
from sklearn.utils.validation import _num_samples

from rnnselect.forecasting.windows import SIZE
from rnnselect.parameters import validated

__all__ = ["WindowSplit"]


class WindowSplit(TimeSeriesSplit):  # type: ignore[misc]  # scikit-learn has no types
    """Split overlapping windows in time order, without any time step on both sides.

    Windows of one series share time steps, so that shuffled folds test a network on values that
    it was trained on. Here each test part is a block of windows later than all training windows,
    and the windows in between that share a time step with the test part (as input or as target)
    are left out. It is scikit-learn's `TimeSeriesSplit` with the gap that follows from the sizes
    of the windows, and can be used wherever splitters are: `cross_validate`, `GridSearchCV`,
    `RNNAdvisor`, and ``RNNRegressor(validation_fraction=...)``, which takes the last split.

    Parameters
    ----------
    n_splits : int, default=5
        Number of splits, at least 2.
    length : int
        Time steps of a window.
    horizon : int, default=1
        Time steps after a window that are predicted from it.
    stride : int, default=1
        Time steps from the start of one window to the start of the next.
    test_size : int or None, default=None
        Windows of each test part. None: as many as leave the same number for the first
        training part.
    max_train_size : int or None, default=None
        Windows of a training part at most, the latest ones. None: all earlier windows.

    Attributes
    ----------
    gap : int
        Windows left out between training and test part.

    See Also
    --------
    make_windows : Makes such windows.
    sklearn.model_selection.TimeSeriesSplit : With ``gap=horizon - 1`` training ends just before
        the forecast, as in practice: test inputs, but not test targets, were targets in training.

    Examples
    --------
    >>> from rnnselect.forecasting.split import WindowSplit
    >>> from rnnselect.forecasting.windows import make_windows
    >>> X, y = make_windows(range(15), length=3)
    >>> for train, test in WindowSplit(2, length=3).split(X):
    ...     print(train, test)
    [0 1 2] [6 7 8]
    [0 1 2 3 4 5] [ 9 10 11]
    """

    @validated(
        n_splits=[Integral],
        length=SIZE,
        horizon=SIZE,
        stride=SIZE,
        test_size=[None, *SIZE],
        max_train_size=[None, *SIZE],
    )
    def __init__(
        self,
        n_splits: int = 5,
        *,
        length: int,
        horizon: int = 1,
        stride: int = 1,
        test_size: int | None = None,
        max_train_size: int | None = None,
    ) -> None:
        # Window i takes the steps from i * stride on, length + horizon of them.
        gap = -(-(length + horizon) // stride) - 1
        super().__init__(n_splits, max_train_size=max_train_size, test_size=test_size, gap=gap)
        self.length = length
        self.horizon = horizon
        self.stride = stride

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        """Return the rows of each training and test part.

        Parameters
        ----------
        X : array-like of shape (n_windows, ...)
            Windows in time order, as `make_windows` returns them.
        y, groups : object, default=None
            Not used; scikit-learn's tools pass them.

        Yields
        ------
        train, test : ndarray of int
            Training rows and test rows.

        Raises
        ------
        ValueError
            If there are too few windows, or if windows have another length.
        """
        shape: tuple[int, ...] = getattr(X, "shape", ())
        if len(shape) in (2, 3) and shape[1] != self.length:
            raise ValueError(
                f"X has {shape[1]} time steps a window and WindowSplit length={self.length}; give "
                f"length={shape[1]}, or, if X holds something derived from windows, splits of the "
                "windows themselves: cv=list(splitter.split(windows))."
            )
        n_windows = _num_samples(X)
        test_size = self.test_size or (n_windows - self.gap) // (self.n_splits + 1)
        if test_size < 1 or n_windows - self.gap - self.n_splits * test_size < 1:
            raise ValueError(
                f"X has {n_windows} window(s), too few for n_splits={self.n_splits} test parts of "
                f"{max(1, test_size)} and {self.gap} left out between training and test "
                f"(length={self.length}, horizon={self.horizon}, stride={self.stride}); give a "
                "longer series, fewer splits, a smaller test_size or shorter windows."
            )
        in_time_order: Any = TimeSeriesSplit(
            self.n_splits, max_train_size=self.max_train_size, test_size=test_size, gap=self.gap
        )
        yield from in_time_order.split(X, y, groups)
