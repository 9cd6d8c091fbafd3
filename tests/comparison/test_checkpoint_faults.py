"""Files of a checkpoint that are not what they should be, and folders that take none."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from sklearn.metrics import make_scorer

from rnnselect.comparison import checkpoint
from rnnselect.exceptions import CheckpointWarning

# --- files that are not what they should be ------------------------------------------------------


def changed(*where, to):
    def damage(path):
        document = json.loads(path.read_text())
        part = document
        for name in where[:-1]:
            part = part[name]
        part[where[-1]] = to
        fit = json.dumps(document["fit"], indent=1).encode("ascii")
        document["sha256"] = sha256(fit).hexdigest()
        path.write_text(json.dumps(document, indent=1))

    return damage


def holding(content):
    return lambda path: path.write_bytes(content)


def cut_off(path):
    os.truncate(path, path.stat().st_size // 2)


def one_bit(path):
    content = bytearray(path.read_bytes())
    content[content.index(b'"base64": "') + 30] ^= 1
    path.write_bytes(content)


def another_fit(path):
    other = next(each for each in sorted(path.parent.iterdir()) if each != path)
    path.write_bytes(other.read_bytes())


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


PREDICTED = ("fit", "answers", "predict")
DAMAGES = {
    "empty": holding(b""),
    "cut off": cut_off,
    "one bit": one_bit,
    "no JSON": holding(b"\x80\x04K\x01."),
    "deep": holding(b"[" * 100_000),
    "null": holding(b"null"),
    "a number for all": changed("fit", "answers", to=5),
    "another version": changed("version", to=2),
    "another program's": changed("format", to="mine"),
    "another fit's": another_fit,
    "no score": changed("fit", "score", to="0.9"),
    "an infinite score": changed("fit", "score", to={"float": "inf"}),
    "negative seconds": changed("fit", "seconds", to=-1),
    "absurd seconds": changed("fit", "seconds", to=1e300),
    "a truth for epochs": changed("fit", "n_epochs", to=True),
    "texts as losses": changed("fit", "history", to={"loss": ["a"]}),
    "a further field": changed("fit", "code", to="import os"),
    "fewer samples": changed(*PREDICTED, "shape", to=[3]),
    "a huge shape": changed(*PREDICTED, "shape", to=[40, 10**9]),
    "a negative shape": changed(*PREDICTED, "shape", to=[-1]),
    "an object dtype": changed(*PREDICTED, "dtype", to="object"),
    "a record dtype": changed(*PREDICTED, "dtype", to="i4,f8"),
    "no base64": changed(*PREDICTED, "base64", to="!!"),
    "texts of huge width": changed(
        *PREDICTED, to={"dtype": "str", "shape": [40], "texts": ["a" * 4_000_000] + ["b"] * 39}
    ),
    "another question": changed("fit", "answers", to={"__class__": None}),
    "no predictions": changed("fit", "answers", to=None),
    "a pipe": a_pipe,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_no_fit_is_named_and_its_fit_runs_again(keeper, stub, tmp_path, damage):
    X, y = stub.data(120)
    first = keeper().recommend(X, y)
    path = keeper.files()[2]
    DAMAGES[damage](path)
    stub.fits.clear()
    with pytest.warns(CheckpointWarning, match=rf"1 file\(s\) cannot be used, .*{path.name}") as w:
        found = keeper().recommend(X, y)
    assert len(stub.fits) == 1
    assert len(str(w[0].message)) < 600
    keeper.same(found, first)


def test_the_file_is_mended(keeper, stub, tmp_path):
    X, y = stub.data(120)
    keeper().recommend(X, y)
    whole = {path: json.loads(path.read_text())["fit"] for path in keeper.files()}
    cut_off(next(iter(whole)))
    with pytest.warns(CheckpointWarning):
        keeper().recommend(X, y)
    for path, fit in whole.items():
        assert json.loads(path.read_text())["fit"] == fit
    assert len(list((tmp_path / "kept").iterdir())) == 6


def test_a_folder_in_the_place_of_a_file(keeper, stub, tmp_path):
    X, y = stub.data(120)
    keeper().recommend(X, y)
    path = keeper.files()[0]
    path.unlink()
    path.mkdir()
    with pytest.warns(CheckpointWarning) as caught:
        keeper().recommend(X, y)
    read, written = (str(each.message) for each in caught)
    assert f"{path.name} (it is not a file)" in read
    assert "cannot be kept (Is a directory)" in written
    assert path.is_dir()


def test_many_damaged_files_give_one_warning(keeper, stub, tmp_path):
    X, y = stub.data(120)
    keeper().recommend(X, y)
    for path in keeper.files():
        path.write_bytes(b"")
    with pytest.warns(CheckpointWarning, match=r"6 file\(s\) .*; \.\.\.") as caught:
        keeper().recommend(X, y)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_what_a_kill_left_half_written_is_never_read(keeper, stub, tmp_path):
    X, y = stub.data(120)
    first = keeper().recommend(X, y)
    path = keeper.files()[0]
    path.rename(path.with_name(f".{path.name}.0123456789abcdef.tmp"))
    stub.fits.clear()
    keeper.same(keeper().recommend(X, y), first)
    assert len(stub.fits) == 1


# --- folders that take nothing -------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_refused_before_any_fit(keeper, stub, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError, match="finished fits cannot be kept there"):
        keeper(checkpoint=tmp_path / "file").recommend(*stub.data(100))
    with pytest.raises(NotADirectoryError, match="give a folder that may be written to"):
        keeper(checkpoint=tmp_path / "file" / "below").recommend(*stub.data(100))
    assert stub.fits == []
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
def test_a_folder_that_takes_no_files_is_refused_before_any_fit(keeper, stub):
    """Nobody, whatever his rights, can keeper a file there."""
    with pytest.raises(OSError, match="finished fits cannot be kept there"):
        keeper(checkpoint="/proc").recommend(*stub.data(100))
    assert stub.fits == []


def test_a_folder_that_vanishes_in_mid_race(keeper, stub, tmp_path, monkeypatch):
    write = checkpoint._write

    def vanish(path, content):
        if len(keeper.files()) == 2:
            for each in path.parent.iterdir():
                each.unlink()
            path.parent.rmdir()
        write(path, content)

    monkeypatch.setattr(checkpoint, "_write", vanish)
    X, y = stub.data(120)
    with pytest.warns(CheckpointWarning, match=r"cannot be kept \(No such file") as caught:
        found = keeper().recommend(X, y)
    assert len(caught) == 1  # nothing is tried after that
    keeper.same(found, keeper(checkpoint=None).recommend(X, y))


def test_a_full_disk_in_mid_race(keeper, stub, tmp_path, monkeypatch, full_disk):
    write = checkpoint._write

    def write_until_full(path, content):
        if len(keeper.files()) < 3:
            write(path, content)
        else:
            with full_disk():
                write(path, content)

    X, y = stub.data(120)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_write", write_until_full)
        with pytest.warns(CheckpointWarning, match=r"\(File too large\)\. The comp") as caught:
            found = keeper().recommend(X, y)
    assert len(caught) == 1
    assert len(list((tmp_path / "kept").iterdir())) == 3  # whole ones, and no half
    stub.fits.clear()
    keeper.same(keeper().recommend(X, y), found)
    assert len(stub.fits) == 3


def test_a_disk_that_is_full_from_the_start(keeper, stub, tmp_path, full_disk):
    with full_disk(), pytest.raises(OSError, match=r"cannot be kept there .*has room"):
        keeper().recommend(*stub.data(120))
    assert stub.fits == []
    assert list((tmp_path / "kept").iterdir()) == []


def test_predictions_that_no_file_can_hold(keeper, stub, tmp_path):
    class Dates(stub.Classifier):
        def predict(self, X):
            return super().predict(X).astype("datetime64[D]")

    X, y = stub.data(120)
    with pytest.warns(CheckpointWarning, match="dtype datetime64.* neither numbers nor texts"):
        found = keeper(Dates(), scoring=make_scorer(lambda y, p: 0.5)).recommend(X, y)
    assert len(found.pairs) == 3
    assert keeper.files() == []
