import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor
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
