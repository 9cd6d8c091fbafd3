"""`RNNAdvisor`: looks at the data and the budget, and answers LSTM or GRU."""

from __future__ import annotations

import time
from dataclasses import replace
from numbers import Integral, Real
from os import PathLike
from typing import ClassVar

from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from rnnselect.advice.evidence import TASKS
from rnnselect.budget import Budget
from rnnselect.comparison.chosen import ChosenCellMixin
from rnnselect.comparison.flow import compare
from rnnselect.comparison.metadata import Metadata, route_metadata
from rnnselect.comparison.probe import knowing_programs
from rnnselect.comparison.problem import plan_problem
from rnnselect.comparison.reproduction import provenance_of
from rnnselect.comparison.scoring import make_scoring
from rnnselect.comparison.setting import SettingMixin
from rnnselect.comparison.timing import Clock, refuse_hopeless, under_load
from rnnselect.comparison.truncation import with_cut_refit
from rnnselect.documentation import DocumentedMixin
from rnnselect.parameters import PlainParametersMixin
from rnnselect.seeds import draw_seeds, seeded

__all__ = ["RNNAdvisor"]


class RNNAdvisor(
    ChosenCellMixin,
    SettingMixin,
    MetaEstimatorMixin,
    DocumentedMixin,
    PlainParametersMixin,
    BaseEstimator,
):
    """Decide between LSTM and GRU within a compute budget, and say why.

    Predicts what a comparison of the two cells would cost on this machine and what it could gain;
    then either recommends a cell outright or races both in paired cross-validation, which stops
    as soon as more folds are not expected to change the advice.

    Parameters
    ----------
    estimator : estimator or None, default=None
        An `RNNClassifier`, an `RNNRegressor`, or anything with a parameter that names the cell:
        pipelines and other wrappers around them, or another package's network. None means
        ``RNNClassifier()``. Estimators that fit anything but one network of this package are
        timed once if there is a budget, because their costs are not known before; their fits
        cannot be stopped.
    cells : tuple of two str, default=("gru", "lstm")
        The cells to compare.
    cell_param : str or None, default=None
        The parameter of `estimator` that names the cell. None finds it in ``get_params()``: the
        only one called ``cell``, itself or after ``__``.
    param_grid : dict, list of dict or None, default=None
        A few settings to combine with each cell, in the form of `GridSearchCV`. All candidates
        then run the same folds, and unlikely ones are dropped one by one.
    budget : float, str, timedelta, Budget or None, default=None
        Wall-clock time of one call of `recommend` or `fit`: seconds, or text such as ``"2min"``.
        None: no limit, and measured times never influence the advice. A `Budget` can also limit
        the networks: a cell that exceeds such a limit is not trained.
    cv : int, splitter or iterable of splits, default=5
        An int means shuffled folds, stratified for classes, whole groups where `groups` is given.
    scoring : str, callable or None, default=None
        A scikit-learn scorer; None: accuracy (of several outputs, all must be right), or R2.
    rope : float, default=0.01
        Difference up to which the cells count as practically equivalent: in score units for
        bounded scorers and your own scorers; for errors, as a fraction of the error of a
        prediction without learning. For R2 it is a difference of the root of 1 - R2: 0.01 is a
        difference of 0.01 if R2 is 0.75, and of 0.002 if it is 0.99.
    confidence : float, default=0.95
        Probability that a verdict must reach.
    min_gain : float or None, default=None
        Gain in the units of `rope` below which further pairs are not worth running. None: a
        twentieth of `rope`. 0: run all folds.
    task : str or None, default=None
        What the data are, e.g. ``"sentiment"`` or ``"forecasting"``, to show published
        comparisons of this task.
    match : {"units", "parameters"}, default="units"
        Whether the cells have equal units or about equal numbers of parameters.
    baseline : bool, default=True
        Whether simple models are scored on the same folds, behind the same steps of a pipeline:
        linear models, trees on quantiles of intervals (QUANT) for numbers, and for windows of one
        series its last value and the value a season before (with the period of `make_windows`).
        A prediction without learning is always scored.
    refit : bool, default=True
        Whether `fit` fits the chosen cell on all data.
    checkpoint : str, path-like or None, default=None
        Folder that keeps every finished fit; created if it does not exist. A call with the same
        data and parameters continues an earlier, interrupted one; needs a `random_state`.
    evidence_path : str, path-like or None, default=None
        File of earlier races; created if it does not exist. Finished races are added, and races
        on other, similar data change the prior: the advice then depends on the file, too.
    n_jobs : int or None, default=None
        Fits that run at the same time, in threads or on the backend of `joblib.parallel_config`.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of all networks.
    verbose : int, default=0
        1 prints the plan and each pair.

    Attributes
    ----------
    recommendation_ : Recommendation
        The advice; after `fit` it also says whether a deadline ended the fit on all data.
    plan_ : Plan
        The plan that was carried out.
    best_cell_ : str
        The chosen cell; only after `fit`.
    best_params_ : dict
        Parameters of the chosen candidate, the cell included; only after `fit`.
    best_estimator_ : estimator
        The chosen cell, fitted on all data; only after `fit` with ``refit=True``.
    refit_seconds_ : float
        Wall-clock seconds of that fit.
    cv_results_ : dict of ndarray
        Scores and times of both cells in the form of `GridSearchCV`; only after `fit`. The score
        of a split that the race did not need is NaN; means and deviations leave it out.
    classes_ : ndarray of shape (n_classes,)
        Class labels; as the following, only after `fit` with ``refit=True``.
    n_features_in_ : int
        Number of features, as the estimator counts them.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where X was a data frame with string names.

    See Also
    --------
    RNNClassifier, RNNRegressor : The networks that it chooses between.

    Examples
    --------
    What would a comparison cost? Nothing is trained, and Keras is not even imported:

    >>> from rnnselect import RNNAdvisor, RNNClassifier
    >>> plan = RNNAdvisor(budget="10min").plan(n_samples=5000, sequence_length=50)
    >>> plan.action
    'cross_validate'

    A race within a budget:

    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> X = X[:600].reshape(-1, 8, 8)  # each image is a sequence of 8 rows of 8 pixels
    >>> advisor = RNNAdvisor(RNNClassifier(epochs=5), random_state=0)
    >>> recommendation = advisor.recommend(X, y[:600])
    >>> recommendation.cell in ("gru", "lstm"), 1 <= len(recommendation.pairs) <= 5
    (True, True)
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [None, HasMethods(["fit", "get_params", "set_params"])],
        "cells": [tuple, list],
        "cell_param": [None, str],
        "param_grid": [None, dict, list],
        "cv": ["cv_object"],
        "scoring": [None, str, callable],
        "rope": [Interval(Real, 0, None, closed="left")],
        "confidence": [Interval(Real, 0.5, 1, closed="neither")],
        "min_gain": [None, Interval(Real, 0, None, closed="left")],
        "task": [None, StrOptions(set(TASKS))],
        "match": [StrOptions({"units", "parameters"})],
        "baseline": ["boolean"],
        "refit": ["boolean"],
        "checkpoint": [None, str, PathLike],
        "evidence_path": [None, str, PathLike],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        cells=("gru", "lstm"),
        cell_param=None,
        param_grid=None,
        budget=None,
        cv=5,
        scoring=None,
        rope=0.01,
        confidence=0.95,
        min_gain=None,
        task=None,
        match="units",
        baseline=True,
        refit=True,
        checkpoint=None,
        evidence_path=None,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.cells = cells
        self.cell_param = cell_param
        self.param_grid = param_grid
        self.budget = budget
        self.cv = cv
        self.scoring = scoring
        self.rope = rope
        self.confidence = confidence
        self.min_gain = min_gain
        self.task = task
        self.match = match
        self.baseline = baseline
        self.refit = refit
        self.checkpoint = checkpoint
        self.evidence_path = evidence_path
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def plan(
        self,
        X=None,
        y=None,
        *,
        groups=None,
        n_samples=None,
        sequence_length=None,
        n_channels=1,
        n_outputs=2,
        vocabulary_size=None,
        task=None,
    ):
        """Say what a comparison would cost and gain, given the data or their sizes.

        Parameters
        ----------
        X, y : array-like or None, default=None
            Sequences and targets as for `fit`.
        groups : array-like of shape (n_samples,) or None, default=None
            As for `fit`; only checked.
        n_samples, sequence_length : int or None, default=None
            Sizes of data that are not at hand.
        n_channels : int, default=1
            Values of one time step.
        n_outputs : int, default=2
            Classes, or outputs of a regression.
        vocabulary_size : int or None, default=None
            Number of token ids; needs an estimator with `embedding_dim`.
        task : str or None, default=None
            Takes the place of the parameter `task`.

        Returns
        -------
        Plan
            What `recommend` would do before it has timed anything on the data.
        """
        self._validate_params()
        budget = Budget.parse(self.budget)
        data = None
        if X is not None:
            given = Metadata(split={} if groups is None else {"groups": groups})
            data = self._read(self._candidates(), X, y, given, seed=0)
            profile, splits = data.profile, data.splits
        elif n_samples is None or sequence_length is None:
            raise ValueError(
                f"plan() got X={X!r}, n_samples={n_samples!r} and "
                f"sequence_length={sequence_length!r}; give X and y, or both sizes."
            )
        else:
            profile, splits = self._imagined(
                n_samples, sequence_length, n_channels, n_outputs, vocabulary_size
            )
        problem = self._problem(profile, splits, refit=False, task=task)
        problem = self._recall(problem, data, budget.seconds)
        return plan_problem(problem, problem.forecast(), budget.seconds, problem.check_limits())

    @_fit_context(prefer_skip_nested_validation=False)
    def recommend(self, X=None, y=None, sample_weight=None, *, groups=None, **metadata):
        """Compare the cells within the budget.

        Parameters
        ----------
        X, y : array-like or None, default=None
            Sequences and targets as for `fit`. Without them: the recommendation that an
            earlier call has reached.
        sample_weight, groups : array-like of shape (n_samples,) or None, default=None
            As for `fit`.
        **metadata : dict
            As for `fit`.

        Returns
        -------
        Recommendation
            Which cell to take, how sure that is, and why.
        """
        if X is None:
            check_is_fitted(self, "recommendation_")
        else:
            metadata |= {"sample_weight": sample_weight, "groups": groups}
            self._compare(X, y, metadata, refit=False)
        return self.recommendation_

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None, *, groups=None, **metadata):
        """Compare the cells and fit the chosen one on all data, within the budget.

        Parameters
        ----------
        X : array-like
            Sequences in any form that the estimator takes.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples in the fits and in their scores.
        groups : array-like of shape (n_samples,) or None, default=None
            Samples of one group stay on one side of every split, also of the networks' own.
        **metadata : dict
            Passed on to the estimator's `fit`; arrays with one entry a sample are cut to the
            training rows. With scikit-learn's metadata routing enabled, these as well as weights
            and groups go where the estimator, the scorer and the splitter request them.

        Returns
        -------
        self : RNNAdvisor
            The fitted advisor.

        Raises
        ------
        BudgetTooSmallError
            If not even a short training of one network fits the budget.
        NoCellFitsError
            If both networks break a limit of the budget. Both before anything is started.
        KeyboardInterrupt
            If interrupted; as after an error, `recommendation_` has the advice of complete pairs.
        """
        metadata |= {"sample_weight": sample_weight, "groups": groups}
        earlier = vars(self).get("recommendation_")
        try:
            clock, problem, comparison, seed = self._compare(X, y, metadata, refit=self.refit)
        finally:
            if vars(self).get("recommendation_") is not earlier:  # the choice goes with its advice
                vars(self).pop("best_estimator_", None)
        self._note_results(comparison)
        if self.refit:
            chosen, before = self.recommendation_.candidate, clock.elapsed()
            estimator = problem.candidates.limited(chosen, clock.left())
            read = comparison.data.X  # a lazy array is read once
            self._fit_chosen(seeded(estimator, seed), read, y, comparison.metadata.fit)
            self.recommendation_ = with_cut_refit(
                self.recommendation_,
                problem,
                comparison,
                self.best_estimator_,
                seconds_before=before,
                seconds=self.refit_seconds_,
            )
        return self

    def _compare(self, X, y, metadata, *, refit):
        clock = Clock(time.perf_counter(), Budget.parse(self.budget).seconds)
        split_seed, pair_seed, refit_seed = (int(s) for s in draw_seeds(self.random_state, 3))
        candidates = self._candidates()
        scoring = make_scoring(self.scoring, self._estimator(), rope=self.rope)
        routed = route_metadata(self, candidates, scoring, metadata)
        data = self._read(candidates, X, y, routed, split_seed)
        problem = self._problem(data.profile, data.splits, refit=refit)
        comparison = self._comparison(problem, data, scoring, routed, pair_seed)
        problem = replace(problem, rules=problem.rules.in_unit(comparison.scoring.scale))
        problem = under_load(self._recall(problem, data, clock.left()), clock)
        problem = knowing_programs(problem, data, clock)
        refuse_hopeless(problem, clock)
        with comparison.workers:
            found = compare(problem, comparison, clock, self._tell)
        given = [name for name, value in metadata.items() if value is not None]
        provenance = provenance_of(self, refit=refit, metadata=given)
        self.recommendation_ = replace(found, provenance=provenance)
        self.plan_ = self.recommendation_.plan
        if comparison.failures:
            raise comparison.failures[-1]
        return clock, problem, comparison, refit_seed
