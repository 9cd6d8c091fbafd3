"""What the advisor's parameters mean: the parts of a comparison that follow from them."""

from __future__ import annotations

from sklearn.base import is_classifier

from rnnselect.advice.baseline_cost import seconds_of_all
from rnnselect.advice.cost import noise_seconds_of
from rnnselect.advice.points import score_scale
from rnnselect.advice.rules import race_rules
from rnnselect.budget import Budget
from rnnselect.calibration_file import known_speed
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.checkpoint import check_checkpoint, resume
from rnnselect.comparison.comparison import make_comparison
from rnnselect.comparison.data import read_data
from rnnselect.comparison.footprint import refuse_uncountable
from rnnselect.comparison.memory import circumstances_of, fingerprint_of, recall
from rnnselect.comparison.problem import Problem
from rnnselect.comparison.progress import Progress, emit
from rnnselect.comparison.splits import imagined_splits
from rnnselect.comparison.workers import Workers
from rnnselect.parameters import plain_value
from rnnselect.recurrent.classifier import RNNClassifier
from rnnselect.sequences.profile import profile_sizes

__all__ = ["SettingMixin"]


class SettingMixin:
    """Reads the parameters of its host, `RNNAdvisor`."""

    def _estimator(self):
        return RNNClassifier() if self.estimator is None else self.estimator

    def _is_classifier(self):
        return is_classifier(self._estimator())

    def _candidates(self, match="units", profile=None):
        return make_candidates(
            self._estimator(), self.cells, self.cell_param, match, profile, self.param_grid
        )

    def _read(self, candidates, X, y, metadata, seed):
        classification = self._is_classifier()
        return read_data(
            candidates, X, y, metadata, cv=self.cv, classification=classification, seed=seed
        )

    def _imagined(self, n_samples, sequence_length, n_channels, n_outputs, vocabulary_size):
        """Return profile and splits of data that are not at hand."""
        n_samples, sequence_length, n_channels, n_outputs, vocabulary_size = map(
            plain_value, (n_samples, sequence_length, n_channels, n_outputs, vocabulary_size)
        )
        profile = profile_sizes(
            n_samples=n_samples,
            sequence_length=sequence_length,
            n_channels=n_channels,
            n_outputs=n_outputs,
            target="classification" if self._is_classifier() else "regression",
            vocabulary_size=vocabulary_size,
        )
        return profile, imagined_splits(self.cv, n_samples)

    def _problem(self, profile, splits, *, refit, task=None):
        workers = Workers(self.n_jobs)
        classification = self._is_classifier()
        candidates = self._candidates(self.match, profile)
        limits = Budget.parse(self.budget).network_limits
        refuse_uncountable(candidates, limits)
        scale = score_scale(self.scoring, is_classifier=classification, rope=self.rope)
        n_test = profile.n_samples / splits.n_folds
        return Problem(
            candidates=candidates,
            profile=profile,
            rules=race_rules(
                scale,
                n_folds=splits.n_folds,
                max_pairs=len(splits.rows),
                rope=self.rope,
                min_gain=self.min_gain,
                confidence=self.confidence,
                regression=not classification,
                covariance=splits.covariance,
            ),
            task=self.task if task is None else task,
            n_jobs=workers.n_at_once,
            elsewhere=workers.elsewhere,
            refit=refit,
            limits=limits,
            machine=known_speed(),
            baseline_seconds=(
                seconds_of_all(profile, texts=candidates.tokenizer is not None)
                if self.baseline
                else 0.0
            ),
            noise_seconds=noise_seconds_of(scale.name, profile.target, n_test),
        )

    def _recall(self, problem, data, seconds_left):
        """Return the problem with what earlier races say of it, where there is a history."""
        if self.evidence_path is None or len(problem.cells) > 2:  # they were races of two cells
            return problem
        scale = score_scale(self.scoring, is_classifier=self._is_classifier())
        memory = recall(
            self.evidence_path,
            problem.candidates,
            circumstances_of(
                problem.candidates, problem.profile, scale, self._estimator(), self.match
            ),
            None if data is None else fingerprint_of(data),
            package=problem.prior,
            rope_points=problem.rules.rope_points,
            seconds_left=seconds_left,
        )
        return problem.remembering(memory)

    def _comparison(self, problem, data, scoring, metadata, seed):
        """Return what all pairs share, with the fits that an earlier call has finished."""
        folder = None
        if self.checkpoint is not None:
            folder = check_checkpoint(self.checkpoint, self.random_state)
        comparison = make_comparison(
            problem.candidates,
            data,
            scoring,
            with_simple=self.baseline,
            metadata=metadata,
            n_jobs=problem.n_jobs,
            seed=seed,
        )
        if folder is None:
            return comparison
        comparison = resume(comparison, folder)
        n_kept = len(comparison.finished)
        self._tell(Progress("checkpoint", f"finished fits found in {folder}: {n_kept}"))
        return comparison

    def _tell(self, progress):
        if self.verbose:
            print(f"[RNNAdvisor] {progress.text}")  # noqa: T201 -- what verbose means
        emit(progress)
