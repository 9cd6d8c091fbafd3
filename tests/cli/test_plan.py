import json

import pytest

from rnnselect import Budget, RNNAdvisor, RNNClassifier, RNNRegressor

SIZES = ("--samples", 5000, "--length", 200)


def test_neither_tensorflow_nor_scikit_learn_is_loaded(run_script):
    code = """
import json, sys
from rnnselect.cli import app
app(["plan", "--samples", "50000", "--length", "400", "--task", "sentiment", "--budget", "5min"],
    standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""
    *page, modules = run_script(code).splitlines()
    assert page[0].startswith("Data: 50,000 sequences of 400 time steps")
    loaded = set(json.loads(modules))
    assert "rnnselect.comparison.problem" in loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "joblib", "matplotlib", "polars"}


@pytest.mark.parametrize(
    ("options", "advisor", "sizes"),
    [
        ((), RNNAdvisor(), {}),
        (("--max-parameters", 4000), RNNAdvisor(budget=Budget(max_parameters=4000)), {}),
        (("--budget", "5min", "--cv", 3), RNNAdvisor(budget=300, cv=3), {}),
        (("--channels", 6, "--classes", 9), RNNAdvisor(), {"n_channels": 6, "n_outputs": 9}),
        (("--regression",), RNNAdvisor(RNNRegressor()), {"n_outputs": 1}),
        (
            ("--vocabulary", 2000, "--units", 64),
            RNNAdvisor(RNNClassifier(embedding_dim=32, units=64)),
            {"vocabulary_size": 2000},
        ),
        (("--task", "sentiment", "--jobs", 2), RNNAdvisor(task="sentiment", n_jobs=2), {}),
    ],
)
def test_it_is_the_plan_of_the_advisor(run, options, advisor, sizes):
    expected = advisor.plan(n_samples=5000, sequence_length=200, **sizes)
    result = run("plan", *SIZES, *options, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(expected.to_json())


def test_the_page(run):
    result = run("plan", *SIZES, "--task", "sentiment")
    assert "Plan: cross-validate both cells" in result.stdout
    assert "Published comparisons of this task: 6" in result.stdout
    assert result.stderr == ""


def test_json_in_a_file(run, tmp_path):
    path = tmp_path / "plan.json"
    result = run("plan", *SIZES, "--json", path)
    assert "Plan:" in result.stdout
    assert json.loads(path.read_text())["profile"]["n_samples"] == 5000
