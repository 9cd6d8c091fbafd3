"""Both estimators keep scikit-learn's promises to every tool that takes an estimator."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from rnnselect import RNNClassifier, RNNRegressor

# As scikit-learn itself says of its own estimators that learn from shuffled batches.
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "sample_weight is not equivalent to removing/repeating samples: batches are shuffled"
    ),
}

# Large steps, so that few of them learn what the checks ask for; small batches, so that the checks'
# few rows always make batches of one size, and share programs.
SMALL = {
    "units": 8,
    "epochs": 20,
    "batch_size": 16,
    "learning_rate": 0.05,
    "early_stopping": False,
    "random_state": 0,
}


@parametrize_with_checks(
    [RNNClassifier(**SMALL), RNNRegressor(**SMALL)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_scikit_learn_compatible(estimator, check):
    check(estimator)
