import io
import os
import sys
import warnings

import pytest
import typer

from rnnselect.cli.console import native_logs_hidden, note, say, say_error, short_warnings


def test_native_logs_are_hidden(capfd):
    with native_logs_hidden():
        os.write(2, b"written by native code\n")
    os.write(2, b"written later\n")
    assert capfd.readouterr().err == "written later\n"


def test_messages_of_python_stay_visible(capfd, monkeypatch):
    monkeypatch.setattr(sys, "stderr", open(2, "w", closefd=False))  # noqa: SIM115
    with native_logs_hidden():
        print("a warning", file=sys.stderr)  # noqa: T201
        sys.stderr.flush()
    assert "a warning" in capfd.readouterr().err


def test_a_stream_in_memory_stays_where_it_is(monkeypatch):
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    with native_logs_hidden():
        print("a warning", file=sys.stderr)  # noqa: T201
    assert heard.getvalue() == "a warning\n"


def test_everything_is_restored(capfd):
    stderr, descriptor = sys.stderr, os.fstat(2)
    with native_logs_hidden():
        assert os.fstat(2).st_ino != descriptor.st_ino
    assert sys.stderr is stderr
    assert os.fstat(2).st_ino == descriptor.st_ino

    with pytest.raises(KeyError), native_logs_hidden():
        raise KeyError
    assert sys.stderr is stderr
    assert os.fstat(2).st_ino == descriptor.st_ino
    print("still heard", file=sys.stderr)  # noqa: T201
    assert "still heard" in capfd.readouterr().err


def test_no_file_descriptor_is_lost():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with native_logs_hidden():
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_lines_are_written_at_once(monkeypatch):
    seen = []
    monkeypatch.setattr(typer, "echo", seen.append)
    monkeypatch.setattr(sys, "stdout", type("Out", (), {"flush": lambda self: seen.append("!")})())
    say("a line")
    assert seen == ["a line", "!"]


def test_notes_and_errors_leave_standard_output_alone(capsys):
    note("a [bold] note " * 20)
    say_error("an error " * 20)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["a [bold] note " * 20, "an error " * 20]


def test_warnings_are_shown_without_their_code(capsys):
    with short_warnings():
        warnings.simplefilter("always")
        warnings.warn("mind the gap", stacklevel=1)
    assert capsys.readouterr().err == "Warning: mind the gap\n"
