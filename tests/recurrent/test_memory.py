import pytest

from rnnselect import RNNClassifier
from rnnselect.recurrent import memory
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.memory import available_bytes, peak_training_bytes


def network(cell, units, n_channels=4, **changes):
    fields = {
        "num_layers": 1, "bidirectional": False, "dropout": 0.0, "recurrent_dropout": 0.0,
        "n_timesteps": None, "vocabulary_size": None, "embedding_dim": None,
        "mask_missing": False, "n_outputs": 2, "head": "softmax",
    }  # fmt: skip
    return Architecture(cell, units, n_channels=n_channels, **{**fields, **changes})


# Measured by benchmarks/figures/footprint.py (TensorFlow 2.21): cell, units, time steps, batch,
# other settings, mebibytes that a fit added.
MEASURED = [
    ("gru", 16, 50, 32, {}, 198),
    ("lstm", 16, 50, 32, {}, 200),
    ("gru", 256, 250, 32, {}, 340),
    ("lstm", 256, 250, 128, {}, 461),
    ("gru", 16, 1000, 128, {}, 343),
    ("lstm", 64, 1000, 128, {}, 444),
    ("gru", 256, 1000, 128, {}, 2055),
    ("lstm", 256, 1000, 128, {}, 1141),
    ("gru", 64, 250, 32, {"bidirectional": True}, 285),
    ("lstm", 64, 250, 32, {"num_layers": 2}, 268),
    ("lstm", 64, 250, 32, {"n_channels": 100}, 236),
    ("gru", 128, 500, 128, {"pooling": "concat"}, 710),
    ("lstm", 128, 500, 128, {"pooling": "concat"}, 542),
    ("gru", 64, 50, 32, {"n_channels": 1, "vocabulary_size": 5000, "embedding_dim": 300}, 303),
]


@pytest.mark.parametrize(
    ("cell", "units", "n_timesteps", "batch", "changes", "mebibytes"), MEASURED
)
def test_within_a_quarter_of_what_was_measured(cell, units, n_timesteps, batch, changes, mebibytes):
    predicted = peak_training_bytes(
        network(cell, units, **changes), batch_size=batch, n_timesteps=n_timesteps
    )
    assert predicted == pytest.approx(mebibytes * 2**20, rel=0.25)


def test_more_takes_more():
    usual = {"batch_size": 32, "n_timesteps": 250}
    least = peak_training_bytes(network("lstm", 64), **usual)
    for more in ({"batch_size": 64}, {"n_timesteps": 500}, {"n_lengths": 3}, {"data_bytes": 10**6}):
        assert peak_training_bytes(network("lstm", 64), **{**usual, **more}) > least


# --- what there is -------------------------------------------------------------------------------


def test_training_that_cannot_fit_is_refused(data, monkeypatch):
    def refused(*args):
        raise AssertionError("started all the same")

    monkeypatch.setattr(memory, "available_bytes", lambda: 5 * 10**6)
    monkeypatch.setattr("rnnselect.recurrent.compiled.training_program", refused)
    with pytest.raises(
        MemoryError, match=r"takes about .* GB of memory, and 0\.0 GB are available"
    ):
        RNNClassifier(units=500, batch_size=60).fit(data.panel, data.classes)


@pytest.mark.parametrize("available", [None, 10**12])
def test_training_that_fits_is_not(data, monkeypatch, available):
    monkeypatch.setattr(memory, "available_bytes", lambda: available)
    memory.refuse_beyond_memory(network("lstm", 64), batch_size=32, n_timesteps=100, n_lengths=1)


def test_doubt_favours_the_attempt(monkeypatch):
    """The first program may have been paid for, and predictions err by a quarter."""
    lstm, shape = network("lstm", 256), {"batch_size": 128, "n_timesteps": 1000}
    own = peak_training_bytes(lstm, **shape) - memory.FIRST_PROGRAM_BYTES
    monkeypatch.setattr(memory, "available_bytes", lambda: int(own / 1.2))
    memory.refuse_beyond_memory(lstm, **shape, n_lengths=1)
    monkeypatch.setattr(memory, "available_bytes", lambda: int(own / 1.3))
    with pytest.raises(MemoryError, match="reduce batch_size or units, shorten the sequences"):
        memory.refuse_beyond_memory(lstm, **shape, n_lengths=1)


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"meminfo": "MemTotal: 9 kB\nMemAvailable:  1000 kB\n"}, 1_024_000),
        ({"meminfo": "MemTotal: 9 kB\n"}, None),
        ({}, None),
        (
            {"meminfo": "MemAvailable: 1000 kB", "memory_max": "max\n", "memory_current": "5"},
            1_024_000,
        ),
        ({"memory_max": "900\n", "memory_current": "600\n"}, 300),
        (
            {
                "meminfo": "MemAvailable: 1000 kB",
                "memory_max": "900\n",
                "memory_current": "600\n",
                "memory_stat": "anon 500\ninactive_file 50\n",
            },
            350,
        ),
        ({"memory_max": "900\n", "memory_current": "1000\n"}, 0),
        ({"memory_max": "rubbish", "memory_current": ""}, None),
    ],
)
def test_available_memory(tmp_path, monkeypatch, files, expected):
    write(tmp_path, **files)
    monkeypatch.setattr(memory, "MEMORY_OF_SYSTEM", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "MEMORY_OF_GROUP", tmp_path)
    assert available_bytes() == expected


def test_available_memory_of_this_machine():
    found = available_bytes()
    assert found is None or found > 0


def test_both_readouts_side_by_side_have_three_times_the_weights():
    plain, pooled = network("gru", 8), network("gru", 8, pooling="concat")
    assert pooled.n_parameters() - plain.n_parameters() == 2 * 8 * plain.n_outputs
    assert dict(pooled.weight_shapes())["output/kernel"] == (24, 2)
