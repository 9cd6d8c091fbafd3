import pytest

from rnnselect.advice.prior import NoisePrior, Prior, noise_before_pairs, noise_from_pairs


@pytest.mark.parametrize(
    ("accuracy", "n_test", "variance"),
    [(0.8, 400, 3.2), (0.5, 100, 20.0), (1.0, 100, 0.25), (0.0, 50, 1.0)],
)
def test_noise_before_pairs(accuracy, n_test, variance):
    noise = noise_before_pairs(accuracy, n_test)

    assert noise.variance_points2 == pytest.approx(variance)
    assert noise.shape == 2


@pytest.mark.parametrize(
    ("variances", "n_tests", "regression", "expected"),
    [
        ([4.0, 2.0], [400, 400], False, NoisePrior(1.8 * 3.0, 3)),
        ([4.0, 2.0], [400, 400], True, NoisePrior(2.5 * 3.0, 3)),
        ([0.0], [100], False, NoisePrior(0.25, 3)),  # agreeing everywhere proves only so much
    ],
)
def test_noise_from_pairs(variances, n_tests, regression, expected):
    found = noise_from_pairs(variances, n_tests, regression=regression)
    assert found.variance_points2 == pytest.approx(expected.variance_points2)
    assert found.shape == expected.shape


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Prior(0.0), "scale_points=0"),
        (lambda: Prior(float("nan")), "scale_points=nan"),
        (lambda: Prior(1.0, centre_points=float("inf")), "centre_points=inf"),
        (lambda: Prior(1.0, degrees_of_freedom=1.0), "degrees_of_freedom=1"),
        (lambda: NoisePrior(0.0, 10), "variance_points2=0"),
        (lambda: NoisePrior(1.0, -1), "shape=-1"),
        (lambda: noise_before_pairs(83, 100), "expected_accuracy=83"),
        (lambda: noise_before_pairs(0.8, 0), "n_test=0"),
        (lambda: noise_from_pairs([], [], regression=False), "at least one pair"),
        (lambda: noise_from_pairs([1.0], [10, 10], regression=False), "n_tests 2"),
        (lambda: noise_from_pairs([float("nan")], [10], regression=False), "nan"),
        (lambda: noise_from_pairs([-1.0], [10], regression=False), "negative"),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()
