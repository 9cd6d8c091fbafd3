"""Whether the programs that a comparison will need are kept on disk, before Keras is imported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnselect.comparison.footprint import longest_padded_length
from rnnselect.comparison.work import TRAINED_SHARE, planned_architecture
from rnnselect.program_store import ProgramStore, program_name, program_store
from rnnselect.recurrent.chunks import rows_per_step, scoring_steps, steps_per_chunk
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import SCORING_ROWS

if TYPE_CHECKING:  # planning does without scikit-learn
    from rnnselect.comparison.candidates import Candidates

__all__ = ["stored_candidates"]

# The updates that Keras' names stand for, as `optimizers.update_rule` finds them.
UPDATES = {"adam": "adam", "adamw": "adam", "rmsprop": "rmsprop", "sgd": "sgd"}


def stored_candidates(candidates: Candidates, profile: SequenceProfile) -> tuple[str, ...]:
    """Name the candidates whose programs need not be compiled, as far as one can tell.

    Parameters
    ----------
    candidates : Candidates
        The candidates.
    profile : SequenceProfile
        What the networks see.

    Returns
    -------
    tuple of str
        In their order.
    """
    store = program_store()
    if store is None or not candidates.is_recurrent:
        return ()
    cells = candidates.cells
    return tuple(cell for cell in cells if _is_stored(store, candidates.network(cell), profile))


def _is_stored(store: ProgramStore, network: Any, profile: SequenceProfile) -> bool:
    optimizer = getattr(network, "optimizer", "adam")
    update = UPDATES.get(optimizer) if isinstance(optimizer, str) else None
    if update is None or getattr(network, "engine", "auto") == "keras":
        return False
    planned, longest = planned_architecture(network, profile), longest_padded_length(profile)
    scored = replace(planned, n_timesteps=longest if profile.kind == "series" else None)
    trained = scored.unmasked(longest) if profile.is_filled else scored
    rows = rows_per_step(network.batch_size, round(TRAINED_SHARE * profile.n_samples))
    n_steps = steps_per_chunk(scored, rows, longest)
    for length in profile.padded_lengths or (longest,):
        block = scoring_steps(scored, length), SCORING_ROWS, length
        names = (
            program_name("train", trained, update, (n_steps, rows, length)),
            program_name("score", scored, None, block),
        )
        if not all(map(store.holds, names)):
            return False
    return True
