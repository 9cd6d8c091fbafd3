"""What the advisor does with the chosen cell: it predicts, scores and counts as it does."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any

from sklearn.base import is_classifier
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from rnnselect.comparison.scoring import make_scoring
from rnnselect.recurrent.classifier import RNNClassifier

__all__ = ["ChosenCellMixin"]


def _best_estimator_has(name: str) -> Any:
    def check(self: Any) -> bool:
        return hasattr(getattr(self, "best_estimator_", None) or self._estimator(), name)

    return check


class ChosenCellMixin:
    """Delegates to ``best_estimator_``; its host has the parameters of `RNNAdvisor`."""

    @available_if(_best_estimator_has("predict"))
    def predict(self, X):
        """Predict with the chosen cell.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or values.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict(X)

    @available_if(_best_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Return class probabilities of the chosen cell.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict_proba(X)

    def score(self, X, y):
        """Score the chosen cell with the scorer of the comparison.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.
        y : array-like
            Their true targets.

        Returns
        -------
        float
            Larger is better.
        """
        check_is_fitted(self, "best_estimator_")
        scoring = make_scoring(self.scoring, self._estimator())
        return scoring.scorer(self.best_estimator_, X, y)

    def _fit_chosen(self, estimator, X, y, fit_params):
        """Fit the chosen cell on all data and take over what it learnt of them."""
        start = time.perf_counter()
        self.best_estimator_ = estimator.fit(X, y, **fit_params)
        self.refit_seconds_ = time.perf_counter() - start
        for name in ("classes_", "n_features_in_", "feature_names_in_"):
            if hasattr(self.best_estimator_, name):
                setattr(self, name, getattr(self.best_estimator_, name))

    def _estimator(self):
        return RNNClassifier() if self.estimator is None else self.estimator

    def _is_classifier(self):
        return is_classifier(self._estimator())

    def _tell(self, line):
        if self.verbose:
            print(f"[RNNAdvisor] {line}")  # noqa: T201 -- what verbose means

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._estimator())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.target_tags = deepcopy(inner.target_tags)
        tags.input_tags = deepcopy(inner.input_tags)
        tags.non_deterministic = self.random_state is None
        return tags
