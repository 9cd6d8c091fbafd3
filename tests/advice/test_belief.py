import numpy as np
import pytest

from rnnselect.advice.belief import read_belief, thin_density
from rnnselect.advice.posterior import NoisePrior, Prior, update

CELLS = ("gru", "lstm")

POSTERIORS = {
    "prior": update(Prior(0.5), NoisePrior(3.0, 2), [], n_folds=5, rope_points=1),
    "wide prior": update(Prior(3.0), NoisePrior(3.0, 2), [], n_folds=5, rope_points=1),
    "one side": update(Prior(0.5), NoisePrior(4.0, 10), [8.0] * 5, n_folds=5, rope_points=1),
    "no rope": update(Prior(0.5), NoisePrior(1.0, 10), [0.3] * 5, n_folds=5, rope_points=0),
}


@pytest.mark.parametrize("posterior", POSTERIORS.values(), ids=POSTERIORS)
def test_the_curve_holds_nearly_all_probability_and_the_rope(posterior):
    curve = thin_density(posterior)
    gaps, density = np.array(curve.gaps_points), np.array(curve.density_per_point)

    assert len(gaps) == len(density) == 201
    assert np.allclose(np.diff(gaps), gaps[1] - gaps[0])
    assert gaps[0] <= -posterior.rope_points
    assert gaps[-1] >= posterior.rope_points
    assert np.trapezoid(density, gaps) == pytest.approx(1, abs=0.02)
    above = np.linspace(posterior.rope_points, gaps[-1], 2001)
    share = np.trapezoid(np.interp(above, gaps, density), above)
    assert share == pytest.approx(posterior.q_second_better, abs=0.02)


@pytest.mark.parametrize("confidence", [0.6, 0.95])
@pytest.mark.parametrize("posterior", POSTERIORS.values(), ids=POSTERIORS)
def test_the_interval_holds_the_confidence(posterior, confidence):
    belief = read_belief(posterior, CELLS, confidence)
    curve = thin_density(posterior)
    gaps, density = np.array(curve.gaps_points), np.array(curve.density_per_point)
    inside = np.linspace(belief.low_points, belief.high_points, 2001)

    assert belief.low_points < belief.gap_points < belief.high_points
    share = np.trapezoid(np.interp(inside, gaps, density), inside)
    assert share == pytest.approx(confidence, abs=0.02)
    assert belief.probabilities["lstm"] == posterior.q_second_better
