import inspect
from dataclasses import fields

import pytest

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor
from rnnselect.advice.verdict import StopReason
from rnnselect.comparison.default_network import DefaultCandidates, DefaultNetwork
from rnnselect.comparison.progress import watching


def told_by(advisor, X, y):
    told = []
    with watching(told.append):
        advisor.fit(X, y)
    return told


def test_every_step_is_told_as_a_record(stub):
    advisor = RNNAdvisor(stub.Classifier(errors=(0.3, 0.28)), min_gain=0, random_state=0)
    plan, *pairs, refit = told_by(advisor, *stub.data())

    assert plan.stage == "plan"
    assert plan.plan == advisor.plan_
    assert plan.probabilities is None
    assert [each.stage for each in pairs] == ["race"] * 5
    assert [len(each.pairs) for each in pairs] == [1, 2, 3, 4, 5]
    assert {(each.max_pairs, each.scoring) for each in pairs} == {(5, "accuracy")}
    assert pairs[-1].pairs == advisor.recommendation_.pairs
    assert pairs[-1].probabilities == advisor.recommendation_.probabilities
    assert refit.stage == "refit"


def test_the_records_say_what_verbose_prints(stub, capsys):
    told = told_by(RNNAdvisor(stub.Classifier(), verbose=1, random_state=0), *stub.data())
    assert [f"[RNNAdvisor] {each.text}" for each in told] == capsys.readouterr().out.splitlines()


def test_nobody_is_told_after_the_context(stub):
    told = []
    with watching(told.append):
        pass
    RNNAdvisor(stub.Classifier()).recommend(*stub.data())
    assert told == []


def test_an_interrupted_fit_keeps_the_advice_and_fits_no_more(stub, monkeypatch):
    monkeypatch.setattr(stub.Base, "interrupt_at", 3)
    advisor = RNNAdvisor(stub.Classifier(errors=(0.3, 0.28)), min_gain=0, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        advisor.fit(*stub.data())

    assert advisor.recommendation_.stop_reason is StopReason.INTERRUPTED
    assert len(advisor.recommendation_.pairs) == 1
    assert len(stub.fits) == 4
    assert not hasattr(advisor, "best_estimator_")


@pytest.mark.parametrize("method", ["fit", "recommend"])
def test_a_fit_that_fails_leaves_the_advice_from_complete_pairs(stub, monkeypatch, method):
    monkeypatch.setattr(stub.Base, "interrupt_at", 5)
    monkeypatch.setattr(stub.Base, "interrupt_by", ZeroDivisionError("by zero"))
    advisor = RNNAdvisor(stub.Classifier(errors=(0.3, 0.28)), min_gain=0, random_state=0)
    with pytest.raises(ZeroDivisionError, match="by zero") as caught:
        getattr(advisor, method)(*stub.data())

    assert caught.value.__notes__ == [
        "In the fit of LSTM on split 3 of 5.",
        "`recommendation_` has the advice from 2 complete pairs.",
    ]
    found = advisor.recommend()
    assert found.stop_reason is StopReason.FAILED
    assert "a fit or its scoring failed" in str(found)
    assert len(found.pairs) == 2
    assert len(stub.fits) == 6
    assert not hasattr(advisor, "best_estimator_")


def test_before_the_first_complete_pair_an_error_is_all_there_is(stub, monkeypatch):
    monkeypatch.setattr(stub.Base, "interrupt_at", 1)
    monkeypatch.setattr(stub.Base, "interrupt_by", ZeroDivisionError)
    advisor = RNNAdvisor(stub.Classifier(), random_state=0)
    with pytest.raises(ZeroDivisionError) as caught:
        advisor.recommend(*stub.data())
    assert caught.value.__notes__ == ["In the fit of LSTM on split 1 of 5."]
    assert not hasattr(advisor, "recommendation_")


def test_a_failure_among_several_candidates(stub, monkeypatch):
    monkeypatch.setattr(stub.Base, "interrupt_at", 9)
    monkeypatch.setattr(stub.Base, "interrupt_by", ZeroDivisionError)
    grid = {"errors": [(0.3, 0.28), (0.29, 0.31)]}
    advisor = RNNAdvisor(stub.Classifier(), param_grid=grid, min_gain=0, random_state=0)
    with pytest.raises(ZeroDivisionError):
        advisor.recommend(*stub.data())
    assert advisor.recommendation_.stop_reason is StopReason.FAILED
    assert {len(scores) for scores in advisor.recommendation_.scores.values()} == {2}


@pytest.mark.parametrize("estimator", [RNNClassifier, RNNRegressor])
def test_a_default_network_has_the_defaults_of_the_estimators(estimator):
    parameters = inspect.signature(estimator).parameters
    for field in fields(DefaultNetwork):
        assert field.default == parameters[field.name].default


def test_default_candidates():
    candidates = DefaultCandidates(units=7, embedding_dim=3)
    for cell in candidates.cells:
        network = candidates.network(cell)
        assert (network.cell, network.units, network.embedding_dim) == (cell, 7, 3)
