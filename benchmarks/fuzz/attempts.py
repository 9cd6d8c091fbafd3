"""What comes of one call on a damaged file."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable
from typing import Any

from rnnselect.exceptions import ModelFileError

__all__ = ["HANG_SECONDS", "attempt"]

# A file of a few kilobytes is read in milliseconds; ten seconds are a hang, even on a busy machine.
HANG_SECONDS = 10
# What people read must be short, whatever the file holds.
MESSAGE_LETTERS = 2000


class HangError(BaseException):
    """Reading takes too long; no handler of ordinary errors may catch it."""


def attempt(
    call: Callable[[], Any],
    documented: type[Exception] = ModelFileError,
    hang_seconds: int = HANG_SECONDS,
) -> str:
    """Return what comes of a call: "loaded", "refused", or the traceback of something else."""
    before = signal.signal(signal.SIGALRM, _hang)
    signal.alarm(hang_seconds)
    try:
        call()
    except documented as error:
        if len(str(error)) > MESSAGE_LETTERS:
            return f"A message of {len(str(error))} letters.\n{traceback.format_exc()}"
        return "refused"
    except (Exception, HangError):
        return traceback.format_exc()
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # polars'
            raise
        return traceback.format_exc()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return "loaded"


def _hang(*_: Any) -> None:
    raise HangError
