"""Writes the files of the present format version, with what their models predict.

    python tests/persistence/make_files.py

For a new version of the format only: what an older one has written is kept as it is, because it
must load for ever.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

from rnnselect import RNNClassifier, RNNRegressor, SequenceScaler, SequenceTokenizer, save
from rnnselect.archive.limits import FORMAT_VERSION

FILES = Path(__file__).parent / "files"
SMALL = {"units": 2, "epochs": 3, "batch_size": 8, "random_state": 0}
DOCUMENTS = ["a good film", "a bad film", "not good", "very very bad"] * 6


def waves(*shape):
    """Numbers that look random and are the same everywhere."""
    return np.sin(np.arange(np.prod(shape), dtype="float64") ** 1.5).reshape(shape)


def examples():
    """One fitted estimator of each kind, with the input of its predictions."""
    panel, series = waves(24, 6, 2), waves(24, 6)
    ragged = [x[: 3 + i % 4] for i, x in enumerate(panel)]
    classes = (panel[:, :, 0].mean(axis=1) > 0).astype(int)
    texts = np.array(["bad", "good"])[[1, 0, 1, 0] * 6]
    yield "classifier", RNNClassifier(**SMALL, class_weight={0: 1.0, 1: 2.0}), panel, classes
    both_ways = {"bidirectional": True, "missing": "mask"}
    yield "regressor", RNNRegressor("lstm", **SMALL, **both_ways), series, series[:, :2]
    network = RNNClassifier(**SMALL, embedding_dim=2)
    yield "tokens", make_pipeline(SequenceTokenizer(min_df=2), network), DOCUMENTS, texts
    network = RNNRegressor(**SMALL, return_sequences=True)
    scaler = SequenceScaler("robust")
    yield "steps", make_pipeline(scaler, network), ragged, [x[:, 0] for x in ragged]
    labels = (panel[:, -1] > 0).astype(int)
    yield "labels", RNNClassifier(**SMALL, engine="keras"), panel, labels


def plain(predicted):
    """Predictions as JSON."""
    ragged = predicted.dtype == object
    return [row.tolist() for row in predicted] if ragged else predicted.tolist()


def main():
    folder = FILES / f"version_{FORMAT_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, estimator, X, y in examples():
        estimator.fit(X, y)
        save(estimator, folder / f"{name}.rnnselect", metadata={"example": name})
        of_classes = hasattr(estimator, "predict_proba")
        predicted = estimator.predict_proba(X) if of_classes else estimator.predict(X)
        inputs = X if name == "tokens" else [np.asarray(x).tolist() for x in X]
        expected[name] = {"X": inputs, "predicted": plain(np.asarray(predicted))}
    network = RNNClassifier(**SMALL)
    for _ in range(2):  # the optimizer remembers its steps
        network.partial_fit(waves(24, 6, 2), np.arange(24) % 3, classes=[0, 1, 2])
    save(network, folder / "online.rnnselect")
    predicted = network.predict_proba(waves(24, 6, 2))
    expected["online"] = {"X": waves(24, 6, 2).tolist(), "predicted": plain(predicted)}
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
