"""Arrays out of .npz files, whatever they hold."""

import errno
import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from rnnselect.cli import npz
from rnnselect.cli.files import read_arrays
from rnnselect.cli.npz import read_npz


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was run",)


def write(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy(header, values=b"", version=b"\1\0"):
    return b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header.encode() + values


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "X", [np.arange(6.0).reshape(2, 3), np.ones((2, 3, 1), "f4", order="F"), np.zeros((0, 3))]
)
def test_arrays_come_back(tmp_path, save, X):
    y = np.array(["a", "bc"])
    save(tmp_path / "a.npz", X=X, y=y, other=3)
    for found, expected in zip(read_npz(tmp_path / "a.npz", None), (X, y), strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
        assert found.flags.writeable


@pytest.mark.parametrize(
    ("arrays", "target", "words"),
    [
        ({"Z": np.ones(3)}, None, "holds 'Z', but no array X"),
        ({"X": np.ones(3)}, "label", "--target=label: .* holds 'X'"),
        ({"X": np.array([[1], [1, 2]], dtype=object)}, None, "padded with NaN"),
    ],
)
def test_malformed_arrays(tmp_path, arrays, target, words):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=words):
        read_arrays(path, target)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"text"])
def test_no_npz_at_all(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_arrays(path)


HEADER = "{{'descr': {}, 'fortran_order': False, 'shape': {}, }}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(Bomb()), "magic string"),
        (npy(HEADER.format("'|O'", "(1,)"), pickle.dumps(Bomb())), "it holds object"),
        (npy(HEADER.format("'<f8'", "(10**12,)")), "malformed|has not the size"),
        (npy(HEADER.format("'<f8'", "(1000000000000,)")), "has not the size"),
        (npy(HEADER.format("'<U0'", "(1000000000000,)")), "no letters"),
        (npy(HEADER.format("'<f8'", "(-1,)"), bytes(8)), "has not the size"),
        (npy(HEADER.format("'<f8'", "()"), bytes(8)), "a single value"),
        (npy(HEADER.format("[('a', '<f8')]", "(1,)"), bytes(8)), "and not numbers"),
        (npy("(" * 5000), "header is malformed"),
        (npy("__import__('os')"), "header is malformed"),
    ],
)
def test_hostile_arrays(tmp_path, content, words):
    path = write(tmp_path / "a.npz", **{"X.npy": content})
    with pytest.raises(ValueError, match=rf"the array 'X' cannot be read \(.*({words})"):
        read_npz(path, None)


def test_arrays_that_would_unfold_beyond_the_limits_are_not_unfolded(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "ARRAY_BYTES", 10**6)
    np.savez_compressed(tmp_path / "a.npz", X=np.zeros((1000, 1000)))
    with pytest.raises(ValueError, match=r"8000128 bytes, more than 1000000 .*does not compress"):
        read_npz(tmp_path / "a.npz", None)


def test_an_array_of_objects_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="it holds object"):
        read_npz(tmp_path / "a.npz", None)


def test_what_is_not_asked_for_is_not_read(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 3)))
    members = {"X.npy": buffer.getvalue(), "evil.npy": pickle.dumps(Bomb())}
    X, y = read_npz(write(tmp_path / "a.npz", **members), None)
    assert X.shape == (2, 3)
    assert y is None


@pytest.mark.parametrize(("code", "expected"), [(errno.EIO, OSError), (errno.EINVAL, ValueError)])
def test_a_fault_of_the_disk_is_not_blamed_on_the_file(tmp_path, monkeypatch, code, expected):
    def fail(file):
        raise OSError(code, os.strerror(code))

    path = tmp_path / "a.npz"
    np.savez(path, X=np.ones(3))
    monkeypatch.setattr(npz.zipfile, "ZipFile", fail)
    with pytest.raises(expected) as caught:
        read_npz(path, None)
    assert type(caught.value) is expected
