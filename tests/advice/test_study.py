import math

import pytest

from rnnselect.advice.study import StudySet, prior_for, sets_like, study_sets
from rnnselect.sequences.profile import profile_sizes


def test_the_table_that_comes_with_the_package():
    sets = study_sets()
    assert len({each.data for each in sets}) == len(sets) >= 150
    for each in sets:
        assert each.n_samples > 0
        assert each.median_length > 0
        assert math.isfinite(each.gap_points)
        assert math.isnan(each.gap_points_se) or each.gap_points_se >= 0
        assert each.kind != "text" or each.vocabulary_size > 500


@pytest.mark.parametrize(("n_samples", "scale_points"), [(30, 4.0), (499, 4.0), (500, 1.0)])
@pytest.mark.parametrize("task", [None, "forecasting"])
def test_few_samples_make_gaps_wide(n_samples, scale_points, task):
    prior = prior_for(n_samples=n_samples, task=task)
    assert (prior.scale_points, prior.centre_points) == (scale_points, 0)
    assert f"{scale_points:g} point" in prior.sources[0]
    assert len(prior.sources) == 1 + (task is not None)


@pytest.mark.parametrize(
    ("facts", "is_text"),
    [
        ({"vocabulary_size": 501}, True),
        ({"vocabulary_size": 500}, False),
        ({"task": "sentiment"}, True),
        ({"task": "text_classification", "vocabulary_size": 40}, True),
        ({"task": "music", "vocabulary_size": 88}, False),
    ],
)
def test_texts_speak_for_lstm(facts, is_text):
    for cells, sign in {("gru", "lstm"): 1, ("lstm", "gru"): -1, ("gru", "GRU"): 0}.items():
        prior = prior_for(n_samples=1000, cells=cells, **facts)
        assert prior.centre_points == pytest.approx(1.1 * sign * is_text)
        assert ("LSTM ahead" in " ".join(prior.sources)) is (is_text and sign != 0)


def test_networks_that_pool_are_not_those_of_the_study():
    pooled = prior_for(n_samples=1000, task="sentiment", pooled=True)
    assert pooled.centre_points == 0
    assert "read the last state" in " ".join(pooled.sources)


def test_unknown_task_lists_the_legal_ones():
    with pytest.raises(ValueError, match=r"task='chess'.*counting.*translation"):
        prior_for(n_samples=100, task="chess")


@pytest.mark.parametrize(
    ("sizes", "task", "belongs"),
    [
        ({}, None, lambda each: each.vocabulary_size is None),
        ({"vocabulary_size": 30}, None, lambda each: (each.vocabulary_size or 999) <= 500),
        ({"vocabulary_size": 9000}, None, lambda each: each.kind == "text"),
        ({}, "sentiment", lambda each: each.kind == "text"),
    ],
)
def test_the_sets_most_alike_are_near_in_size_and_length(sizes, task, belongs):
    profile = profile_sizes(n_samples=1000, sequence_length=60, **sizes)

    def distance(each: StudySet) -> float:
        return math.hypot(math.log(each.n_samples / 1000), math.log(each.median_length / 60))

    found = sets_like(profile, task)
    others = [each for each in study_sets() if belongs(each) and each not in found]
    assert len(found) == 5
    assert all(map(belongs, found))
    assert max(map(distance, found)) <= min(map(distance, others))


def test_a_data_set_of_the_study_is_no_evidence_for_itself():
    own = next(each for each in study_sets() if each.vocabulary_size is None)
    length = round(own.median_length)
    profile = profile_sizes(n_samples=own.n_samples, sequence_length=length)
    assert length == own.median_length
    assert own not in sets_like(profile)
