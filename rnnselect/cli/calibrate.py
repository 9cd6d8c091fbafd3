"""``rnnselect calibrate``: how fast this machine is."""

from __future__ import annotations

from rnnselect.cli.console import native_logs_hidden, note, say, short_warnings
from rnnselect.cli.options import DebugOption

__all__ = ["calibrate_machine"]


def calibrate_machine(debug: DebugOption = False) -> None:
    """Measure how fast this machine trains, so that plans predict its own seconds."""
    import rnnselect

    note("Training networks of several sizes for about half a minute ...")
    with native_logs_hidden(), short_warnings():
        speeds = rnnselect.calibrate()
    say(str(speeds))
