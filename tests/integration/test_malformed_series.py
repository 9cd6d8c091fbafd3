"""Malformed long series, splits, forecasts, built-in problems and budgets.

The tables have the columns: what is wrong, the call, the error, and what its text must hold of the
argument, of its value and of the remedy. Nothing here needs Keras, which `refuse` makes sure of.
"""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from rnnselect import Budget, RNNRegressor, WindowSplit, forecast, make_windows
from rnnselect.datasets import (
    load_digits_sequences,
    make_adding_problem,
    make_anbn,
    make_copy_memory,
    make_mackey_glass,
    make_no_signal,
    make_noisy_sines,
    make_parity,
    make_temporal_order,
)

LINE = np.arange(20.0)
PLANE = np.column_stack([LINE, LINE])
FITTED = LinearRegression().fit(*make_windows(LINE, 3))
OF_PLANE = LinearRegression().fit(make_windows(PLANE, 3)[0].reshape(17, 6), PLANE[3:])
SHAPE = r"of shape \(n_timesteps,\)"


def replaced(value):
    return np.where(LINE == 7, value, LINE)


def split(X, **arguments):
    return list(WindowSplit(**{"length": 3, **arguments}).split(X))


# fmt: off
SERIES = {
    "None": (lambda: make_windows(None, 3), ValueError, "^series", "None", SHAPE),
    "text": (lambda: make_windows("a text", 3), ValueError, "^series", "dtype <U", SHAPE),
    "texts": (lambda: make_windows(["a", "b"], 1), ValueError, "^series", "dtype <U", SHAPE),
    "generator": (lambda: make_windows((x for x in LINE), 3), ValueError,
        "^series", "generator", SHAPE),
    "objects": (lambda: make_windows([{}] * 9, 3), ValueError,
        "^series", "dtype object", "give numbers"),
    "lists of unequal lengths": (lambda: make_windows([[1, 2], [3]], 1), ValueError,
        "^series", "unequal lengths", SHAPE),
    "sparse": (lambda: make_windows(csr_array(PLANE), 3), ValueError, "^series", "sparse", SHAPE),
    "complex": (lambda: make_windows(LINE + 1j, 3), ValueError, "^series", "Complex data", SHAPE),
    "dates": (lambda: make_windows(LINE.astype("M8[s]"), 3), ValueError,
        "^series", "datetime64", "a data frame's index"),
    "text among columns": (lambda: make_windows(pd.DataFrame({"a": LINE, "b": "x"}), 3),
        ValueError, "^series", "'x'", SHAPE),
    "empty": (lambda: make_windows([], 3), ValueError, "^series", r"0 sample\(s\)", SHAPE),
    "cube": (lambda: make_windows(np.ones((9, 2, 2)), 3), ValueError,
        "^series", r"\(9, 2, 2\)", SHAPE),
    "infinity": (lambda: make_windows(replaced(np.inf), 3), ValueError,
        "^series", "infinity", "finite numbers"),
    "missing": (lambda: make_windows(replaced(np.nan), 3), ValueError,
        "^series", "time step 7 of channel 0", "fill the gap"),
    "too short": (lambda: make_windows(LINE[:3], 3), ValueError,
        "^series", r"3 time step\(s\).* takes 4", "give a longer series"),
    "huge windows": (lambda: make_windows(LINE, 10**12), ValueError,
        "^series", "length=1000000000000", "smaller sizes"),
    "unsorted": (lambda: make_windows(pd.Series(LINE, index=-LINE), 3), ValueError,
        "^series", "not in ascending order", r"series\.sort_index\(\)"),
    "time twice": (lambda: make_windows(pd.Series(LINE, index=LINE // 2), 3), ValueError,
        "^series", "repeats a time", "drop what is there twice"),
    "no length": (lambda: make_windows(LINE, 0), ValueError, "'length'", "Got 0", r"\[1, inf\)"),
    "half a step ahead": (lambda: make_windows(LINE, 3, 0.5), ValueError,
        "'horizon'", r"Got 0\.5", "must be an int"),
    "backwards": (lambda: make_windows(LINE, 3, stride=-1), ValueError,
        "'stride'", "Got -1", r"\[1, inf\)"),
    "no such channel": (lambda: make_windows(PLANE, 3, targets=2), ValueError,
        "^targets", "2 is not a channel", "positions 0 to 1"),
    "no such name": (lambda: make_windows(pd.DataFrame({"a": LINE}), 3, targets="b"), ValueError,
        "^targets", "'b' is not a channel", r"names \['a'\]"),
    "half a channel": (lambda: make_windows(PLANE, 3, targets=0.5), ValueError,
        "^targets", r"0\.5 is not a channel", "positions 0 to 1"),
    "no target": (lambda: make_windows(PLANE, 3, targets=[]), ValueError,
        "^targets", r"\[\]", "None picks all"),
    "split, one": (lambda: split(LINE, n_splits=1), ValueError, "n_splits", "got n_splits=1",
        "2 or more"),
    "split, text": (lambda: split(LINE, n_splits="5"), ValueError, "'n_splits'", "'5'",
        "must be an instance of 'int'"),
    "split, no length": (lambda: split(LINE, length=0), ValueError, "'length'", "Got 0",
        r"\[1, inf\)"),
    "split, no test": (lambda: split(LINE, test_size=0), ValueError, "'test_size'", "Got 0",
        r"\[1, inf\)"),
    "split, too few windows": (lambda: split(LINE[:7]), ValueError,
        "^X", r"7 window\(s\)", "fewer splits"),
    "split, other windows": (lambda: split(np.ones((30, 6))), ValueError,
        "^X", "6 time steps", "length=6"),
    "forecast by nothing": (lambda: forecast(None, LINE, 3), ValueError,
        "'model'", "None", "implementing 'fit' and 'predict'"),
    "forecast before fit": (lambda: forecast(RNNRegressor(), LINE, 3), NotFittedError,
        "RNNRegressor", "not fitted", "Call 'fit'"),
    "forecast of nothing": (lambda: forecast(FITTED, LINE, 0), ValueError,
        "'steps'", "Got 0", r"\[1, inf\)"),
    "forecast from nothing": (lambda: forecast(FITTED, None, 3), ValueError,
        "^history", "None", SHAPE),
    "forecast from text": (lambda: forecast(FITTED, ["a"] * 5, 3), ValueError,
        "^history", "dtype <U", SHAPE),
    "forecast from infinity": (lambda: forecast(FITTED, replaced(np.inf), 3), ValueError,
        "^history", "infinity", "finite numbers"),
    "forecast from too little": (lambda: forecast(FITTED, LINE[:2], 3), ValueError,
        "^history", r"2 time step\(s\)", "at least the last 3"),
    "forecast from the wrong end": (lambda: forecast(FITTED, pd.Series(LINE)[::-1], 3), ValueError,
        "^history", "not in ascending order", r"history\.sort_index\(\)"),
    "forecast of other steps": (lambda: forecast(FITTED, LINE, 3, horizon=2), ValueError,
        "^model", r"1 value\(s\)", "with its horizon given here as well"),
    "forecast of unknown windows": (lambda: forecast(OF_PLANE, PLANE, 3), ValueError,
        "^length", "None", "as it was given to make_windows"),
}

PROBLEMS_AND_BUDGETS = {
    "no sample": (lambda: make_no_signal(0), ValueError, "'n_samples'", "Got 0", r"\[1, inf\)"),
    "many samples": (lambda: make_anbn("many"), ValueError, "'n_samples'", "'many'", "an int"),
    "length of lists": (lambda: make_parity(length=[1, 2]), ValueError,
        "'length'", r"\[1, 2\]", "an instance of 'tuple'"),
    "length from long to short": (lambda: make_parity(length=(5, 2)), ValueError,
        "^length", r"\(5, 2\)", r"\(shortest, longest\)"),
    "length of three": (lambda: make_no_signal(length=(1, 2, 3)), ValueError,
        "^length", r"\(1, 2, 3\)", "a pair"),
    "nothing to add": (lambda: make_adding_problem(length=1), ValueError,
        "^length", "=1", "at least 2"),
    "no order": (lambda: make_temporal_order(length=5), ValueError, "^length", "=5", "at least 10"),
    "four symbols": (lambda: make_temporal_order(n_relevant=4), ValueError,
        "'n_relevant'", "Got 4", "2, 3"),
    "nothing to copy": (lambda: make_copy_memory(length=15), ValueError,
        "^length", "=15", "at least 21"),
    "one symbol": (lambda: make_anbn(n_symbols=1), ValueError,
        "'n_symbols'", "Got 1", r"\[2, inf\)"),
    "never repeated": (lambda: make_anbn(n_repeats=(0, 5)), ValueError,
        "^n_repeats", r"\(0, 5\)", "at least 1"),
    "huge delay": (lambda: make_mackey_glass(tau=10**6), ValueError,
        "'tau'", "1000000", r"\[1, 1000\]"),
    "too short to tell": (lambda: make_noisy_sines(length=4), ValueError,
        "^length", "=4", "at least 5"),
    "noise of NaN": (lambda: make_noisy_sines(noise=np.nan), ValueError,
        "'noise'", "nan", r"\[0\.0, inf\)"),
    "seed as text": (lambda: make_parity(random_state="x"), ValueError,
        "'random_state'", "'x'", "must be an int"),
    "digits by column": (lambda: load_digits_sequences(by="column"), ValueError,
        "'by'", "'column'", "among"),
    "budget of nothing": (lambda: Budget(0), ValueError, "^budget", "=0", "budget='2min'"),
    "negative budget": (lambda: Budget(-1), ValueError, "^budget", "=-1", "budget='2min'"),
    "endless budget": (lambda: Budget(np.inf), ValueError, "^budget", "=inf", "None for no limit"),
    "budget of NaN": (lambda: Budget(np.nan), ValueError, "^budget", "=nan", "None for no limit"),
    "budget of text": (lambda: Budget("90s"), TypeError, "seconds", "'90s'", "Budget.parse"),
    "true budget": (lambda: Budget.parse(True), TypeError, "^budget", "True", "give seconds"),
    "soon": (lambda: Budget.parse("soon"), ValueError, "^budget", "'soon'", "e.g. '90s'"),
    "empty text": (lambda: Budget.parse(""), ValueError, "^budget", "''", "e.g. '90s'"),
    "weeks": (lambda: Budget.parse("3 weeks"), ValueError, "^budget", "'3 weeks'", "e.g. '90s'"),
    "minus five": (lambda: Budget.parse("-5s"), ValueError, "^budget", "'-5s'", "positive number"),
    "no time": (lambda: Budget.parse(timedelta(0)), ValueError, "^budget", r"0\.0", "budget=60"),
    "list": (lambda: Budget.parse([3]), TypeError, "^budget", "type list", "give seconds"),
    "complex budget": (lambda: Budget.parse(1j), TypeError, "^budget", "type complex",
        "give seconds"),
}
# fmt: on


@pytest.mark.parametrize("name", SERIES)
def test_series_splits_and_forecasts(refuse, name):
    refuse(*SERIES[name])


@pytest.mark.parametrize("name", PROBLEMS_AND_BUDGETS)
def test_problems_and_budgets(refuse, name):
    refuse(*PROBLEMS_AND_BUDGETS[name])
