from datetime import timedelta

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import Budget, RNNAdvisor, RNNClassifier, RNNRegressor, WindowSplit
from rnnselect.comparison.reproduction import provenance_of

ADVISORS = {
    "defaults": RNNAdvisor(),
    "network": RNNAdvisor(RNNClassifier(units=7, epochs=3), budget="2min", random_state=0),
    "pipeline": RNNAdvisor(
        make_pipeline(StandardScaler(), RNNRegressor(units=5)), rope=0.02, random_state=np.int64(3)
    ),
    "a long one": RNNAdvisor(
        RNNClassifier(**dict.fromkeys(["units", "epochs", "batch_size"], 123_456_789)),
        cell_param="cell" * 300,
    ),
    "many settings": RNNAdvisor(param_grid={"units": list(range(1, 60)), "pooling": [None]}),
    "a budget": RNNAdvisor(budget=Budget(seconds=3, memory="1GB")),
    "a timedelta": RNNAdvisor(budget=timedelta(seconds=5)),
    "splitters": RNNAdvisor(
        TransformedTargetRegressor(
            RNNRegressor(validation_fraction=WindowSplit(3, length=4)), transformer=StandardScaler()
        ),
        cv=ShuffleSplit(3, random_state=0),
    ),
    "a scorer": RNNAdvisor(scoring=make_scorer(f1_score)),
    "an array": RNNAdvisor(RNNClassifier(class_weight={0: np.float64(2.0), 1: float("inf")})),
}


@pytest.mark.parametrize("advisor", ADVISORS.values(), ids=ADVISORS)
def test_the_code_makes_the_same_advisor(advisor):
    *lines, question = provenance_of(advisor, refit=False).code.splitlines()
    names = {}
    exec("\n".join(lines), names)
    assert repr(names["advisor"]) == repr(advisor)
    assert str(names["advisor"].get_params()) == str(advisor.get_params())
    assert question == "recommendation = advisor.recommend(X, y)"


def test_what_was_asked():
    code = provenance_of(RNNAdvisor(), refit=True).code
    assert code.endswith("recommendation = advisor.fit(X, y).recommend()")


class Network(RNNClassifier):
    pass


def test_what_has_no_code_is_the_readers_to_define():
    def cost(estimator, X, y):
        return 0.0

    Network.__module__ = "__main__"
    folds = [(np.arange(2000), np.arange(2000, 4000))]  # numpy would print the ends only
    steps = make_pipeline(StandardScaler(), Network(callbacks=[object()]))
    advisor = RNNAdvisor(steps, scoring=cost, cv=folds, random_state=np.random.RandomState(0))
    code = provenance_of(advisor, refit=False, metadata=["groups"]).code
    (yours,) = (line for line in code.splitlines() if line.startswith("# Yours to define: "))
    names = set(yours.removeprefix("# Yours to define: ").split(", "))
    assert names == {"X", "y", "groups", "Network", "callbacks", "scoring", "cv", "random_state"}
    given = {"Network": Network, **dict.fromkeys(names - {"X", "y", "Network"}, 1)}
    exec("\n".join(code.splitlines()[:-1]), given)
    assert given["advisor"].scoring == 1
    assert code.endswith("recommendation = advisor.recommend(X, y, groups=groups)")


def test_other_objects_are_shown_as_they_show_themselves():
    code = provenance_of(RNNAdvisor(cv=StratifiedKFold(3)), refit=False).code
    assert "cv=StratifiedKFold(n_splits=3, random_state=None, shuffle=False)" in code


@pytest.mark.parametrize(
    ("seed", "repeatable"), [(0, True), (None, False), (np.random.RandomState(0), False)]
)
def test_only_a_number_can_be_repeated(seed, repeatable):
    assert provenance_of(RNNAdvisor(random_state=seed), refit=False).repeatable is repeatable


def test_paths_are_shown_as_texts(tmp_path):
    advisor = RNNAdvisor(checkpoint=tmp_path)
    code = provenance_of(advisor, refit=False).code
    assert f"checkpoint='{tmp_path}'" in code
    assert advisor.checkpoint is tmp_path
