import os

import pytest

from rnnselect.whole_file import whole_file


def test_a_file_appears_when_it_is_complete(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    with whole_file(link) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_file_and_no_other(tmp_path, fault):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with whole_file(path) as file:
            file.write(b"half")
            raise fault

    with pytest.raises(fault):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_ordinary_file_stays_what_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with whole_file(pipe) as file:
        file.write(b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError), whole_file(tmp_path):
        pass
