import numpy as np
import pytest
from sklearn.metrics import make_scorer
from sklearn.model_selection import KFold, ShuffleSplit

from rnnselect import RNNAdvisor


def fails(y, predicted):
    raise RuntimeError("no such column")


def is_nan(y, predicted):
    return float("nan")


@pytest.mark.parametrize(
    ("scoring", "what"),
    [
        ("neg_log_loss", r"scoring='neg_log_loss' fails \(ValueError: y_true contains only one"),
        (make_scorer(fails), r"scoring='fails' fails \(RuntimeError: no such column\)"),
        (make_scorer(is_nan), "scoring='is_nan' gives nan"),
    ],
)
def test_a_scorer_that_cannot_score_is_found_before_anything_is_trained(stub, scoring, what):
    X, y = stub.data(60, n_classes=3)
    advisor = RNNAdvisor(stub.Classifier(), scoring=scoring, cv=KFold(3))
    with pytest.raises(ValueError, match=f"{what}.* of split 1. A scorer must give a number"):
        advisor.recommend(X, np.sort(y))
    assert not stub.fits


def test_a_single_split_gives_a_single_pair(stub):
    advisor = RNNAdvisor(stub.Classifier(), cv=ShuffleSplit(1, random_state=0), min_gain=0)
    X, y = stub.data(60)
    found = advisor.recommend(X, y)
    assert len(found.pairs) == 1
    assert found.stop_reason == "all_pairs_run"
    assert "run the one pair" in str(advisor.set_params(min_gain=0.05).plan(X, y))
