"""What the advisor does with the chosen cell: it predicts, scores and counts as it does."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any, ClassVar

from sklearn import get_config
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import UNUSED, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from rnnselect.advice.verdict import StopReason
from rnnselect.cells import shown_name
from rnnselect.comparison.metadata import make_router
from rnnselect.comparison.progress import Progress
from rnnselect.comparison.results import search_results
from rnnselect.comparison.scoring import make_scoring
from rnnselect.persistence.saving import save
from rnnselect.sequences.masks import without_mask

__all__ = ["ChosenCellMixin"]


def _chosen_has(name: str) -> Any:
    def check(self: Any) -> bool:
        return hasattr(getattr(self, "best_estimator_", self._estimator()), name)

    return available_if(check)


class ChosenCellMixin:
    """Delegates to ``best_estimator_``; its host has the parameters of `RNNAdvisor`."""

    # The advisor hands metadata on, as `get_metadata_routing` says, and requests none itself.
    __metadata_request__fit: ClassVar[dict] = {"sample_weight": UNUSED, "groups": UNUSED}
    __metadata_request__score: ClassVar[dict] = {"sample_weight": UNUSED}

    @_chosen_has("predict")
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
        return self._chosen().predict(X)

    @_chosen_has("predict_proba")
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
        return self._chosen().predict_proba(X)

    @_chosen_has("decision_function")
    def decision_function(self, X):
        """Return decision values of the chosen cell, where its estimator has them.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            As the estimator gives them.
        """
        return self._chosen().decision_function(X)

    def score(self, X, y, sample_weight=None, **metadata):
        """Score the chosen cell with the scorer of the comparison.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.
        y : array-like
            Their true targets.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples.
        **metadata : dict
            Further arguments of the scorer, with scikit-learn's metadata routing.

        Returns
        -------
        float
            Larger is better.
        """
        chosen = self._chosen()
        if sample_weight is not None:
            metadata["sample_weight"] = sample_weight
        if get_config()["enable_metadata_routing"]:
            metadata = process_routing(self, "score", **metadata).scorer.score
        y = without_mask(y, "y")
        return make_scoring(self.scoring, self._estimator()).scorer(chosen, X, y, **metadata)

    def save(self, path, *, metadata=None):
        """Write ``best_estimator_`` to a file, without pickle; see `rnnselect.save`.

        Parameters
        ----------
        path : path-like
            The file, such as ``"model.rnnselect"``; an existing one is replaced.
        metadata : dict or None, default=None
            What else the file is to say; anything that JSON gives back as it is.
        """
        save(self._chosen(), path, metadata=metadata)

    @property
    def classes_(self):
        """Class labels; only after `fit` of a classifier with ``refit=True``."""
        return self._of_chosen("classes_")

    @property
    def n_features_in_(self):
        """Number of features; only after `fit` with ``refit=True``."""
        return self._of_chosen("n_features_in_")

    @property
    def feature_names_in_(self):
        """Names of the features, where X had them; only after `fit` with ``refit=True``."""
        return self._of_chosen("feature_names_in_")

    def get_metadata_routing(self):
        """Say which metadata goes to the estimator, the scorer and the splitter.

        Returns
        -------
        MetadataRouter
            As `GridSearchCV` has it. Where `cv` is not a splitter, groups are taken for the folds.
        """
        return make_router(self, self._estimator(), self.scoring, self.cv)

    def _chosen(self):
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_

    def _of_chosen(self, name):
        if "best_estimator_" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no {name} before fit with refit=True has been called."
            )
        return getattr(self.best_estimator_, name)

    def _note_results(self, comparison):
        """Keep which candidate was chosen, and all scores."""
        found = self.recommendation_
        if found.stop_reason is StopReason.INTERRUPTED:
            raise KeyboardInterrupt  # who stops the race does not wait for a fit on all data
        self.best_cell_ = found.cell
        self.best_params_ = comparison.candidates.params_of(found.candidate)
        n_rounds = max(map(len, found.scores.values()))
        self.cv_results_ = search_results(comparison, n_rounds)

    def _fit_chosen(self, estimator, X, y, fit_params):
        """Fit the chosen cell on all data."""
        name = shown_name(self.recommendation_.candidate)
        self._tell(Progress("refit", f"fitting {name} on all data ..."))
        start = time.perf_counter()
        self.best_estimator_ = estimator.fit(X, y, **fit_params)
        self.refit_seconds_ = time.perf_counter() - start

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._estimator())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.target_tags = deepcopy(inner.target_tags)
        tags.input_tags = deepcopy(inner.input_tags)
        tags.input_tags.sparse = False  # sequences are read before any candidate sees them
        tags.non_deterministic = self.random_state is None
        return tags
