"""Which form a file has, and arrays out of those that are not tables."""

import errno
import os
import pickle
import zipfile

import numpy as np
import pytest

from rnnselect.cli import files
from rnnselect.cli.files import Arrays, read_file
from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import suffix_of


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was run",)


def arrays(path, target=None, groups=None):
    return read_file(path, Reading(target=target), groups)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.csv", ".csv"), ("a.CSV", ".csv"), ("a.csv.gz", ".csv"), ("a.tsv.zip", ".tsv"), ("a", "")],
)
def test_what_a_name_ends_in(tmp_path, name, suffix):
    assert suffix_of(tmp_path / name) == suffix


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.xyz", r"\.csv, \.tsv, .*\.npz, \.npy, \.ts"), ("a", "'nothing'"), ("a.gz", "'nothing'"),
     ("a.xls", "save the sheet as .xlsx or .csv")],
)  # fmt: skip
def test_other_files_are_refused_by_name(tmp_path, name, words):
    with pytest.raises(ValueError, match=words):
        read_file(tmp_path / name, Reading())


def test_a_pipe_is_refused_before_it_can_hang(tmp_path):
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"a\.csv is not an ordinary file"):
        read_file(path, Reading())


def test_a_ts_file_names_its_target_itself(tables):
    found = arrays(tables["two.ts"])
    assert found.X.shape == (40, 6, 1)
    assert set(found.y) == {"up", "down"}
    with pytest.raises(ValueError, match=r"--target=kind: a \.ts file names its target itself"):
        arrays(tables["two.ts"], "kind")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("X", "y"), ()),
        (("x", "Y"), ("x and Y",)),
        (("X_train", "y_train"), ("X_train and y_train",)),
        (("data", "target"), ("data and target",)),
        (("arr_0", "arr_1"), ("arr_0 and arr_1",)),
    ],
)
def test_arrays_by_their_usual_names(tmp_path, save, names, said):
    X, y = np.ones((2, 3, 1), "f4", order="F"), np.array(["a", "bc"])
    save(tmp_path / "a.npz", **dict(zip(names, (X, y), strict=True)), other=3)
    found = arrays(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.X, X)
    assert found.y.tolist() == ["a", "bc"]
    assert found.said == said


def test_other_arrays_are_named(tmp_path):
    X = np.ones((2, 3))
    np.savez(tmp_path / "a.npz", X=X, x_test=X, z=[1, 2], case=[3, 4])
    found = arrays(tmp_path / "a.npz", "z", "case")
    assert (found.y.tolist(), found.groups.tolist()) == ([1, 2], [3, 4])
    assert found.said == ("x_test not used",)
    assert arrays(tmp_path / "a.npz").y is None


@pytest.mark.parametrize(
    ("held", "target", "words"),
    [
        ({"X": np.ones(3), "y": np.ones(3)}, None, r"sequences of shape \(3,\)"),
        ({"X": np.ones((3, 2)), "y": np.ones(())}, None, r"targets of shape \(\)"),
        ({"Z": np.ones(3)}, None, "has 'Z', but no array X"),
        ({"X": np.ones(3)}, "label", "--target=label: .* has 'X'"),
        (
            {"X": np.array([[1], [1, 2]], dtype=object)},
            None,
            "only pickle can read.*padded with NaN",
        ),
    ],
)
def test_what_an_archive_lacks(tmp_path, held, target, words):
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(ValueError, match=words):
        arrays(tmp_path / "a.npz", target)


def npy(header, values=b""):
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + values


HEADER = "{{'descr': {}, 'fortran_order': False, 'shape': {}, }}"


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Bomb()),
        npy(HEADER.format("'|O'", "(1,)"), pickle.dumps(Bomb())),
        npy(HEADER.format("'<f8'", "(1000000000000000,)")),
        npy(HEADER.format("'<U1'", "(1,)"), b"\xff" * 4),
        npy("(" * 5000),
        npy("__import__('os')"),
    ],
)
def test_damaged_arrays_are_never_unpickled(tmp_path, content):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", content)
    with pytest.raises(ValueError, match=r"'X' (cannot be read|has Python objects)"):
        arrays(path)
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"'a\.npy' (cannot be read|has Python objects)"):
        arrays(tmp_path / "a.npy")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"text"])
def test_not_an_archive_at_all(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"'a\.npz'"):
        arrays(tmp_path / "a.npz")


def test_targets_of_a_single_array_in_another_file(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((2, 3, 2)))
    np.save(tmp_path / "y.npy", [0, 1])
    with pytest.raises(ValueError, match=r"--target y\.npy"):
        arrays(tmp_path / "X.npy")
    found = arrays(tmp_path / "X.npy", "y.npy")
    assert isinstance(found, Arrays)
    assert found.y.tolist() == [0, 1]


@pytest.mark.parametrize(("code", "expected"), [(errno.EIO, OSError), (errno.EINVAL, ValueError)])
def test_a_fault_of_the_disk_is_not_blamed_on_the_file(tmp_path, monkeypatch, code, expected):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    (tmp_path / "a.npz").touch()
    monkeypatch.setattr(files.np, "load", fail)
    with pytest.raises(expected) as caught:
        arrays(tmp_path / "a.npz")
    assert type(caught.value) is expected
