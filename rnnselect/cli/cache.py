"""``rnnselect cache``: the compiled programs that are kept on disk."""

from __future__ import annotations

from typing import Annotated

from rnnselect.cli.console import say
from rnnselect.cli.options import OUTPUT, DebugOption, option

__all__ = ["show_cache"]


def show_cache(
    empty: Annotated[bool, option("--empty", OUTPUT, "Remove all of them.")] = False,
    debug: DebugOption = False,
) -> None:
    """Show how many compiled programs are kept on disk, and where.

    The next process loads them instead of compiling. At most 512 MB are
    kept; RNNSELECT_KEEP_PROGRAMS=0 keeps none, a folder keeps them there.
    """
    from rnnselect.program_store import contents, empty_store, reason_against, store_root

    root = store_root()
    if root is None:
        say("No programs are kept: RNNSELECT_KEEP_PROGRAMS is 0, or there is no home folder.")
        return
    n_programs, n_bytes = contents(root)
    if empty:
        empty_store(root)
    programs = "compiled program" if n_programs == 1 else "compiled programs"
    held = f"{n_programs} {programs}, {n_bytes / 1e6:.1f} MB, in {root}"
    say(f"Removed {held}." if empty else f"{held}.")
    if reason := reason_against(root):
        say(f"Programs are not kept now: {reason}")
