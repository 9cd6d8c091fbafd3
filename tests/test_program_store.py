"""The store of programs: what is safe, sound and ours is read, all else costs time only."""

import ast
import os
import stat
import threading
from pathlib import Path

import pytest

import rnnselect
from rnnselect import program_store as stores
from rnnselect.recurrent.architecture import Architecture

ARCHITECTURE = Architecture("gru", 2, 1, False, 0, 0, 3, None, None, None, False, 1, "linear")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(tmp_path / "programs"))
    return tmp_path / "programs"


def test_what_was_written_is_read_by_its_name_and_settings(root):
    program = stores.program_store().program("a" * 32, "two threads")
    assert program.read() is None
    program.write(b"code")
    assert program.read() == b"code"
    assert stores.program_store().program("a" * 32, "one thread").read() is None
    assert stores.program_store().holds("a" * 32)
    assert not stores.program_store().holds("b" * 32)
    assert stores.contents(root) == (1, program.path.stat().st_size)
    for path in (program.path, program.path.parent, root):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    stores.empty_store(root)
    assert program.read() is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: b"\0" * len(content),
    ],
)
def test_damage_is_noticed_and_removed(root, damage):
    program = stores.program_store().program("a" * 32)
    program.write(b"code")
    program.path.write_bytes(damage(program.path.read_bytes()))
    assert program.read() is None
    assert not program.path.exists()


def test_a_file_that_was_renamed_or_moved_is_not_read(root):
    program, other = (stores.program_store().program(letter * 32) for letter in "ab")
    program.write(b"code")
    program.path.rename(other.path)
    assert other.read() is None
    program.write(b"code")
    elsewhere = root / "another kind of machine"
    elsewhere.mkdir()
    program.path.rename(elsewhere / program.path.name)
    assert stores.ProgramStore(elsewhere).program("a" * 32).read() is None


def test_foreign_files_are_not_read(root, tmp_path):
    program = stores.program_store().program("a" * 32)
    program.write(b"code")
    program.path.chmod(0o666)
    assert program.read() is None
    program.path.unlink()
    other = tmp_path / "other"
    other.write_bytes(b"code")
    program.path.symlink_to(other)
    assert program.read() is None
    program.path.unlink()
    os.mkfifo(program.path)  # reading it would wait for a writer
    assert program.read() is None


def test_folders_that_others_may_write_to_are_refused(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(shared / "programs"))
    with pytest.warns(UserWarning, match=r"others may write to .*shared.*chmod go-w"):
        rnnselect.keep_programs(shared / "programs")
    assert stores.program_store() is None
    shared.chmod(0o1777)  # as /tmp: others cannot remove or rename what is ours
    assert stores.refusal(shared / "programs") is None
    link = tmp_path / "link"
    link.symlink_to(shared / "programs")
    assert "belongs to you alone" in stores.refusal(link)
    assert stores.refusal(link / "gone").endswith("(No such file or directory).")
    (shared / "programs").chmod(0o770)
    assert stores.refusal(shared / "programs") is not None
    shared.chmod(0o777)
    (shared / "programs").chmod(0o700)
    assert "shared" in stores.refusal(link)  # by the folders above what the link leads to


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_folders_of_others_are_refused(tmp_path):
    folder = tmp_path / "theirs" / "programs"
    folder.mkdir(parents=True, mode=0o700)
    os.chown(folder.parent, 12345, -1)
    assert "theirs" in stores.refusal(folder)
    os.chown(folder.parent, 0, 12345)
    folder.parent.chmod(0o770)  # by its group
    assert "theirs" in stores.refusal(folder)


def test_what_cannot_be_written_is_not_kept(root, monkeypatch, full_disk):
    program = stores.program_store().program("a" * 32)
    with full_disk():
        program.write(b"code")
    assert program.read() is None
    monkeypatch.setenv(stores.KEEP_VARIABLE, "/proc/programs")
    assert stores.program_store() is None


def test_the_least_recently_used_programs_leave_first(root, monkeypatch):
    programs = [stores.program_store().program(letter * 32) for letter in "abc"]
    for k, program in enumerate(programs):
        program.write(bytes(1000))
        os.utime(program.path, (k, k))
    assert programs[0].read() is not None  # used again
    monkeypatch.setattr(stores, "MAX_BYTES", 2500)
    stores._keep_within_bounds(root, os.getpid() + 1)  # a forked process leaves it alone
    assert all(program.path.exists() for program in programs)
    stores._keep_within_bounds(root, os.getpid())
    assert [program.path.exists() for program in programs] == [True, False, True]
    monkeypatch.setattr(stores, "MAX_BYTES", 1500)
    stores._opened.__wrapped__(root, os.getpid() + 1)  # a fork opens it, and leaves it alone
    assert len([*root.glob("*/*")]) == 2
    stores._opened.__wrapped__(root, os.getpid())
    assert len([*root.glob("*/*")]) == 1


def test_many_writers_of_one_program(root):
    program = stores.program_store().program("a" * 32)
    contents = [bytes([k]) * 100_000 for k in range(8)]
    threads = [threading.Thread(target=program.write, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert program.read() in (None, *contents)
    assert program.read() in contents
    assert list(program.path.parent.iterdir()) == [program.path]


def test_another_machine_version_or_setting_has_a_folder_of_its_own(root, monkeypatch):
    kind = stores._kind_of_machine.__wrapped__
    before = kind()
    assert kind() == before
    for change in (
        lambda patch: patch.setattr(stores, "_features", lambda: ("x86_64", ("avx512",))),
        lambda patch: patch.setattr(stores, "_code", lambda: "changed"),
        lambda patch: patch.setattr(os, "sched_getaffinity", lambda process: {0}),
        lambda patch: patch.setattr("rnnselect.machine._version", lambda *names: "9.9"),
        lambda patch: patch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true"),
    ):
        with monkeypatch.context() as patch:
            change(patch)
            assert kind() != before
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    assert kind() == before


def test_a_change_of_any_module_that_writes_programs_is_another_kind():
    package = Path(rnnselect.__file__).parent
    found, left = set(), ["recurrent/programs"]
    while left:
        name = left.pop()
        found.add(name)
        nodes = ast.walk(ast.parse((package / f"{name}.py").read_text()))
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        modules = [
            f"{node.module}.{alias.name}" if node.module.endswith("recurrent") else node.module
            for node in imports
            for alias in node.names
            if node.module.startswith("rnnselect.")
        ]
        names = {module.partition(".")[2].replace(".", "/") for module in modules}
        left += names - found
    # These say where and for whom programs are kept, and nothing of what they compute.
    others = {"calibration_file", "exceptions", "machine", "program_store", "speed", "whole_file"}
    assert found - others == set(stores.WRITERS)


def test_names_follow_from_what_is_computed():
    name = stores.program_name("train", ARCHITECTURE, "adam", (64, 32, 8))
    assert name == stores.program_name("train", ARCHITECTURE, "adam", (64, 32, 8))
    others = {
        stores.program_name("score", ARCHITECTURE, "adam", (64, 32, 8)),
        stores.program_name("train", ARCHITECTURE.unmasked(8), "adam", (64, 32, 8)),
        stores.program_name("train", ARCHITECTURE, "sgd", (64, 32, 8)),
        stores.program_name("train", ARCHITECTURE, "adam", (64, 32, 16)),
    }
    assert len({name, *others}) == 5


def test_who_keeps_programs_and_where(tmp_path, monkeypatch):
    for name in (stores.KEEP_VARIABLE, stores.LOG_LEVEL_VARIABLE):
        monkeypatch.setenv(name, "")  # for the end of the test
        monkeypatch.delenv(name)
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path))
    assert stores.program_store() is None  # nobody has asked
    monkeypatch.setenv(stores.KEEP_VARIABLE, "0")
    rnnselect.keep_programs()
    stores.keep_by_default()
    assert stores.store_root() is None  # told not to
    monkeypatch.delenv(stores.KEEP_VARIABLE)
    stores.keep_by_default()
    assert stores.store_root() == tmp_path / "programs"
    rnnselect.keep_programs(tmp_path / "named")
    stores.keep_by_default()
    assert stores.store_root() == Path(os.environ[stores.KEEP_VARIABLE]) == tmp_path / "named"


def test_keeping_that_begins_too_late_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv(stores.KEEP_VARIABLE, "")
    monkeypatch.setattr(stores, "tensorflow_has_run", lambda: True)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.warns(UserWarning, match=r"has run .* before the first fit"):
        rnnselect.keep_programs(tmp_path)
    rnnselect.keep_programs(tmp_path)  # programs were kept before


@pytest.mark.parametrize(
    ("release", "kept"), [("2.21.3", True), ("2.19.1", False), ("2.22.0", False)]
)
def test_only_tried_releases_of_tensorflow_keep_programs(root, monkeypatch, release, kept):
    """With 2.19, programs that were loaded gave wrong numbers without an error."""
    machine = stores.Machine("", 1, {"tensorflow": release})
    monkeypatch.setattr(stores.Machine, "this", lambda: machine)
    stores._kind_of_machine.cache_clear()
    assert (stores.program_store() is not None) is kept
    reason = stores.reason_against(root)
    assert reason is None if kept else f"TensorFlow {release} has not been tried" in reason
    stores._kind_of_machine.cache_clear()
