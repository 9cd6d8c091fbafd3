import numpy as np
import pytest

from rnnselect.advice.noise import (
    bootstrap_scores,
    bootstrap_variance,
    paired_loss_variance,
    time_blocks,
    variance_of_draws,
)


@pytest.fixture
def correct():
    random = np.random.default_rng(0)
    return random.random((2, 400)) < [[0.85], [0.8]]


def test_closed_form_is_the_variance_of_the_mean_loss_difference(correct):
    difference = 100 * (correct[1].astype(float) - correct[0])

    found = paired_loss_variance(*correct)
    assert found == pytest.approx(difference.var(ddof=1) / 400)


def test_agreeing_cells_have_no_noise(correct):
    assert paired_loss_variance(correct[0], correct[0]) == 0


@pytest.mark.parametrize("units", [None, np.arange(400) // 8, time_blocks(400)])
def test_closed_form_and_bootstrap_agree(correct, units):
    def difference(rows):
        return 100 * (correct[1][rows].mean() - correct[0][rows].mean())

    closed = paired_loss_variance(*correct, units=units)
    drawn = bootstrap_variance(difference, 400, units=units, n_draws=2000, seed=0)
    assert drawn == pytest.approx(closed, rel=0.12)


def test_copies_of_a_row_are_one_row(correct):
    groups = np.repeat(np.arange(400), 5)
    copied = np.repeat(correct, 5, axis=1)

    grouped = paired_loss_variance(*copied, units=groups)
    assert grouped == pytest.approx(paired_loss_variance(*correct))
    assert paired_loss_variance(*copied) < grouped / 4


def test_units_may_have_any_labels_and_order(correct):
    names = np.array([f"patient {i % 40}" for i in range(400)])

    assert paired_loss_variance(*correct, units=names) == pytest.approx(
        paired_loss_variance(*correct, units=np.arange(400) % 40)
    )


def test_whole_units_are_drawn():
    units, drawn = np.array(["b", "a", "b", "c", "a"]), []
    bootstrap_variance(lambda rows: drawn.append(rows) or 0.0, 5, units=units, n_draws=20, seed=0)

    for rows in drawn:
        counts = np.bincount(rows, minlength=5)
        assert counts[0] == counts[2]
        assert counts[1] == counts[4]


def test_bootstrap_repeats_itself_and_depends_on_the_seed():
    gaps = np.random.default_rng(0).normal(size=100)

    one, again, other = (
        bootstrap_variance(lambda rows: gaps[rows].mean(), 100, seed=seed) for seed in (1, 1, 2)
    )
    assert one == again != other


def test_undefined_draws_are_skipped():
    labels = np.array([1, 1, 0, 0, 0, 0])

    def gap(rows):
        if labels[rows].min() == labels[rows].max():
            raise ValueError("one class only")
        return float(rows.mean()) if rows[0] else float("nan")

    assert bootstrap_variance(gap, 6, seed=0) > 0


@pytest.mark.parametrize("n_test", [1, 2, 3, 10, 100, 1000])
def test_time_blocks_are_contiguous_and_about_the_root_long(n_test):
    blocks = time_blocks(n_test)

    assert blocks.shape == (n_test,)
    assert blocks[0] == 0
    assert set(np.diff(blocks)) <= {0, 1}
    lengths = np.bincount(blocks)
    assert lengths.max() - lengths.min() <= 1
    assert lengths.mean() == pytest.approx(np.sqrt(n_test), abs=1)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: paired_loss_variance([1, 0], [1, 0, 1]), r"\(2,\) and correct_second \(3,\)"),
        (lambda: paired_loss_variance([1], [1]), "1 independent units"),
        (lambda: paired_loss_variance([], []), "0 independent units"),
        (lambda: paired_loss_variance([1, 0], [1, 0], units=[0]), r"needs \(2,\)"),
        (lambda: paired_loss_variance([1, 0], [1, 0], units=[7, 7]), "needs 2"),
        (lambda: bootstrap_variance(lambda rows: 0.0, 4, units=[1] * 4, seed=0), "needs 2"),
        (lambda: bootstrap_variance(lambda rows: float("nan"), 4, seed=0), "0 of 200"),
        (lambda: bootstrap_variance(lambda rows: 0.0, 4, n_draws=1, seed=0), "n_draws=1"),
        (lambda: time_blocks(0), "n_test=0"),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_fits_of_one_seed_are_drawn_together():
    """What is drawn once for each fit gives the variance of every pair of them."""
    rng = np.random.default_rng(1)
    losses, units = rng.normal(size=(3, 60)), np.arange(60) // 3
    drawing = {"n_draws": 60, "seed": 4}
    drawn = [
        bootstrap_scores(lambda rows, own=own: own[rows].mean(), 60, units=units, **drawing)
        for own in losses
    ]
    for first, second in [(0, 1), (1, 2), (2, 0)]:
        gaps = losses[second] - losses[first]
        whole = bootstrap_variance(lambda rows, g=gaps: g[rows].mean(), 60, units=units, **drawing)
        assert variance_of_draws(drawn[second] - drawn[first]) == pytest.approx(whole)
