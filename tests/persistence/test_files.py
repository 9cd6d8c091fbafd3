"""Files of every version of the format load for ever, and predict what they did."""

import json
from pathlib import Path

import numpy as np
import pytest

import rnnselect

FILES = sorted((Path(__file__).parent / "files").glob("version_*/*.rnnselect"))
WHAT_LOADING_IMPORTS = """
import sys
import rnnselect
for path in sys.argv[1:]:
    rnnselect.load(path)
print(*{"jax", "keras", "matplotlib", "tensorflow", "torch"} & set(sys.modules))
"""


def expected(path):
    example = json.loads((path.parent / "expected.json").read_text())[path.stem]
    X, predicted = example["X"], example["predicted"]
    if isinstance(X[0], str):
        return X, predicted
    if len({len(x) for x in X}) > 1:
        return [np.array(x) for x in X], predicted
    return np.array(X), predicted


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_predicts_what_it_did(path):
    estimator = rnnselect.load(path)
    X, predicted = expected(path)
    of_classes = hasattr(estimator, "predict_proba")
    values = estimator.predict_proba(X) if of_classes else estimator.predict(X)
    for value, known in zip(values, predicted, strict=True):
        np.testing.assert_allclose(value, known, rtol=1e-4, atol=1e-6)


def test_there_is_a_file_of_each_kind():
    kinds = {type(rnnselect.load(path)).__name__ for path in FILES}
    steps = [rnnselect.load(p).named_steps for p in FILES if p.stem in ("tokens", "steps")]
    kinds |= {type(step).__name__ for named in steps for step in named.values()}
    assert kinds == {
        "RNNClassifier", "RNNRegressor", "SequenceTokenizer", "SequenceScaler", "Pipeline",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_is_written_as_it_was_read(path, tmp_path):
    estimator, metadata = rnnselect.load(path, return_metadata=True)
    rnnselect.save(estimator, tmp_path / "again", metadata=metadata)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_loading_imports_no_deep_learning_library(run_script):
    assert run_script(WHAT_LOADING_IMPORTS, *FILES).split() == []


def test_numpy_can_look_at_the_arrays():
    with np.load(FILES[0]) as arrays:
        assert arrays["arrays/0"].dtype == np.float32
