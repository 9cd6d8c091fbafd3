import rnnselect


class Speeds:
    def __str__(self):
        return "GRU 0.5 ms a step"


def test_what_was_measured_is_printed(run, monkeypatch):
    monkeypatch.setattr(rnnselect, "calibrate", Speeds)
    result = run("calibrate")
    assert result.exit_code == 0
    assert result.stdout == "GRU 0.5 ms a step\n"


def test_a_failed_measurement_is_one_line(run, monkeypatch):
    def fail():
        raise RuntimeError("no compiler")

    monkeypatch.setattr(rnnselect, "calibrate", fail)
    result = run("calibrate")
    assert result.exit_code == 1
    assert "Error: RuntimeError: no compiler" in result.stderr
