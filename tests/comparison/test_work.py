import pytest
from sklearn.base import BaseEstimator

from rnnselect import RNNClassifier
from rnnselect.cells import CELLS
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.work import workloads
from rnnselect.sequences.profile import profile_sizes

BOTH = ("gru", "lstm")


def of(estimator, profile, *, cells=BOTH, cell_param=None):
    return workloads(make_candidates(estimator, cells, cell_param), profile)


class Kind(BaseEstimator):
    def __init__(self, kind="gru"):
        self.kind = kind

    def fit(self, X, y):
        return self


def test_workloads():
    network = RNNClassifier(
        units=8, num_layers=2, bidirectional=True, batch_size=16, epochs=40, n_iter_no_change=5
    )
    profile = profile_sizes(n_samples=100_000, sequence_length=30, n_channels=4, n_outputs=3)
    work = of(network, profile)

    assert list(work) == list(BOTH)
    for cell in BOTH:
        assert work[cell].n_passes == 4
        assert (work[cell].cell, work[cell].n_lengths) == (cell, 1)
        assert (work[cell].batch_size, work[cell].padded_length) == (16, 30.0)
        assert (work[cell].min_epochs, work[cell].max_epochs) == (6, 40)
        assert work[cell].validation_fraction == 0.1
    assert work["gru"].n_parameters < work["lstm"].n_parameters
    one_layer = RNNClassifier(units=8)
    lstm = of(one_layer, profile)["lstm"]
    assert lstm.n_parameters == CELLS["lstm"].n_parameters(8, 4) + 3 * (3 * 8 + 1)


@pytest.mark.parametrize(
    ("parameters", "epochs", "fraction"),
    [
        ({"early_stopping": False, "epochs": 12}, (12, 12), 0.0),
        ({"epochs": 4, "n_iter_no_change": 9}, (4, 4), 0.1),
        ({"validation_fraction": 0.3, "epochs": 50, "n_iter_no_change": 3}, (4, 50), 0.3),
        ({"validation_fraction": ([[1.0]], [0]), "epochs": 8}, (8, 8), 0.1),
    ],
)
def test_epochs_of_a_workload(parameters, epochs, fraction):
    profile = profile_sizes(n_samples=100_000, sequence_length=30)
    work = of(RNNClassifier(**parameters), profile)["gru"]
    assert (work.min_epochs, work.max_epochs) == epochs
    assert work.validation_fraction == fraction


def test_few_samples_are_trained_on_for_longer():
    """Early stopping waits for a number of steps, which few samples reach late."""
    few, many = (
        of(RNNClassifier(epochs=50), profile_sizes(n_samples=n, sequence_length=9))
        for n in (100, 100_000)
    )
    assert many["gru"].min_epochs < few["gru"].min_epochs <= 50


def test_a_default_network_stands_in_for_unknown_ones():
    profile = profile_sizes(n_samples=100, sequence_length=30)
    unknown = of(Kind(), profile, cells=("gru", "b"), cell_param="kind")
    known = of(RNNClassifier(), profile)
    assert unknown == {"gru": known["gru"], "b": known["lstm"]}
