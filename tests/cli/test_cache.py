from rnnselect import program_store as stores


def test_what_is_kept_is_shown_and_removed(run, tmp_path, monkeypatch):
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(tmp_path / "kept"))
    program = stores.program_store().program("a" * 32)
    program.write(bytes(3_000_000))
    shown = run("cache")
    assert shown.exit_code == 0
    assert shown.stdout == f"1 compiled program, 3.0 MB, in {tmp_path / 'kept'}.\n"
    assert run("cache", "--empty").stdout.startswith("Removed 1 compiled program,")
    assert program.read() is None
    assert run("cache").stdout.startswith("0 compiled programs")


def test_why_nothing_is_kept(run, tmp_path, monkeypatch):
    monkeypatch.setenv(stores.KEEP_VARIABLE, "0")
    assert run("cache").stdout.startswith("No programs are kept: RNNSELECT_KEEP_PROGRAMS is 0")
    tmp_path.chmod(0o777)
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(tmp_path / "kept"))
    assert f"not kept now: others may write to {tmp_path}" in run("cache").stdout


def test_the_command_line_keeps_programs(run, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv(stores.KEEP_VARIABLE)
    assert run("cache").stdout == f"0 compiled programs, 0.0 MB, in {tmp_path / 'programs'}.\n"
