"""Reads class labels: one for each target, or several that may hold at once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_y, column_or_1d

from rnnselect.recurrent.inputs import named

__all__ = [
    "check_announced",
    "check_kind_of_labels",
    "check_labels",
    "class_factors",
    "label_values",
    "learn_classes",
]

ONE_LABEL_EACH = "give one label (a number or text) for each sequence, none of them missing"


def check_labels(y: Any, estimator: Any) -> np.ndarray:
    """Return labels as an array, if they are labels.

    Parameters
    ----------
    y : array-like of shape (n_targets,) or (n_targets, n_labels)
        Labels of any kind, or a matrix that says with 0 and 1 which labels hold.
    estimator : estimator
        Named in errors.

    Returns
    -------
    ndarray of shape (n_targets,) or (n_targets, n_labels)
        The labels.

    Raises
    ------
    ValueError
        If y is something else; the message says what.
    """
    with named("y", ONE_LABEL_EACH):
        y = _check_y(y, multi_output=True, estimator=estimator)
    if issparse(y):
        y = y.toarray()
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    check_kind_of_labels(y)
    if y.ndim == 2 and not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"y has shape {y.shape} and holds {y[~np.isin(y, (0, 1))][0]}; a matrix says with 0 "
            "and 1 for each label whether it holds. For several outputs of several classes each, "
            "wrap the classifier in sklearn.multioutput.MultiOutputClassifier."
        )
    return y


def check_kind_of_labels(y: np.ndarray) -> None:
    """Refuse what holds no labels.

    Parameters
    ----------
    y : ndarray of shape (n_targets,) or (n_targets, n_labels)
        Targets.

    Raises
    ------
    ValueError
        If y holds values in place of labels, or something else.
    """
    kind = type_of_target(y)
    if kind.startswith("continuous"):
        value = y[y != np.floor(y)][0]
        raise ValueError(
            f"y: Unknown label type: {kind}. It holds values such as {value:.6g}, and a "
            "classifier predicts classes; to predict values use RNNRegressor, in an advisor "
            "RNNAdvisor(RNNRegressor())."
        )
    with named("y", ONE_LABEL_EACH):
        check_classification_targets(y)


def learn_classes(y: np.ndarray, weights: np.ndarray, announced: Any = None) -> np.ndarray:
    """Return the classes among labels.

    Parameters
    ----------
    y : ndarray of shape (n_targets,) or (n_targets, n_labels)
        As `check_labels` returns them.
    weights : ndarray of shape (n_targets,)
        Their weights.
    announced : array-like of shape (n_classes,) or None, default=None
        All classes, where y need not hold them all.

    Returns
    -------
    ndarray of shape (n_classes,)
        The different labels, sorted; the numbers of the columns of a matrix.

    Raises
    ------
    ValueError
        If there are fewer than two classes with a weight.
    """
    if y.ndim == 2:
        if len(y) > y.shape[1] and (y.sum(axis=1) == 1).all():
            warnings.warn(
                "y has a row for each sequence that sums to 1, as one-hot classes do, and is read "
                f"as {y.shape[1]} labels that may hold together or not at all. If each sequence "
                "has exactly one class, give y.argmax(axis=-1).",
                UserWarning,
                stacklevel=6,
            )
        return np.arange(y.shape[1])
    if announced is not None:
        classes = np.unique(announced)
        if len(classes) < 2:
            raise ValueError(f"classes={announced!r} names {len(classes)} class(es); name all.")
        return classes
    classes = np.unique(y)
    n_classes = len(np.unique(y[weights > 0]))
    if n_classes < 2:
        raise ValueError(
            f"y holds {n_classes} class only ({classes[:1].tolist()}, counting samples "
            "with a weight above 0); a classifier needs at least two classes."
        )
    return classes


def check_announced(announced: Any, known: np.ndarray | None, class_weight: Any) -> None:
    """Check what a call of `partial_fit` says of the classes.

    Parameters
    ----------
    announced : array-like of shape (n_classes,) or None
        All classes; None for nothing.
    known : ndarray of shape (n_classes,) or None
        The classes of earlier calls.
    class_weight : dict, "balanced" or None
        As scikit-learn's classifiers take it.

    Raises
    ------
    ValueError
        If the classes have changed, or their weights cannot be known.
    """
    if class_weight == "balanced":
        raise ValueError(
            'class_weight="balanced" cannot be known from a part of the data; give '
            "partial_fit a dict of class weights, or sample_weight."
        )
    if announced is None or known is None:
        return
    if not np.array_equal(np.unique(announced), known):
        raise ValueError(
            f"classes={announced!r} is not the same as on the first call, where it was "
            f"{known.tolist()}; leave it out."
        )


def label_values(y: np.ndarray, classes: np.ndarray, head: str, name: str) -> np.ndarray:
    """Return what a network is trained on.

    Parameters
    ----------
    y : ndarray of shape (n_targets,) or (n_targets, n_labels)
        As `check_labels` returns them.
    classes : ndarray of shape (n_classes,)
        The classes that the network knows.
    head : {"softmax", "sigmoid"}
        Whether it chooses one of them, or says of each whether it holds.
    name : str
        Of y, for the errors.

    Returns
    -------
    ndarray of shape (n_targets,) or (n_targets, n_labels)
        Numbers of classes (int32), or 0 and 1 (float32).

    Raises
    ------
    ValueError
        If y has other labels, or is of the other kind.
    """
    n_columns = y.shape[1] if y.ndim == 2 else 1
    n_known = len(classes) if head == "sigmoid" else 1
    if n_columns != n_known:
        raise ValueError(f"{name} has {n_columns} column(s) of labels, y in fit has {n_known}.")
    if head == "sigmoid":
        return y.astype(np.float32)
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise ValueError(
            f"{name} holds the labels {unknown[:5].tolist()}, which y in fit does not; its classes "
            f"are {classes[:10].tolist()}."
        )
    return np.searchsorted(classes, y).astype(np.int32)


def class_factors(
    class_weight: Any, values: np.ndarray, classes: np.ndarray, weights: np.ndarray
) -> np.ndarray | float:
    """Return the factor by which `class_weight` changes the weight of each target.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        As scikit-learn's classifiers take it.
    values : ndarray of shape (n_targets,) or (n_targets, n_labels)
        As `label_values` returns them.
    classes : ndarray of shape (n_classes,)
        The classes.
    weights : ndarray of shape (n_targets,)
        The targets' own weights; "balanced" counts by them, so that 2 is the same as twice.

    Returns
    -------
    ndarray of shape (n_targets,), or 1.0
        Factors.

    Raises
    ------
    ValueError
        If a class gets no valid weight, or y is a matrix of labels.
    """
    if class_weight is None:
        return 1.0
    if values.ndim == 2:
        raise ValueError(
            f"class_weight={class_weight!r} is not defined where several labels may hold at once; "
            "set it to None, and give sample_weight to fit."
        )
    if isinstance(class_weight, str):  # "balanced"
        totals = np.bincount(values, weights, minlength=len(classes))
        return 1.0 / np.where(totals > 0, totals, 1.0)[values]
    factors = compute_sample_weight(class_weight, classes[values])
    if not (factors >= 0).all() or not (factors * weights).any():
        raise ValueError(
            f"class_weight={class_weight} gives a negative weight, or all samples the "
            "weight 0; give each class a number of at least 0."
        )
    return factors
