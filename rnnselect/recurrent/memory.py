"""How much memory training a network takes, by arithmetic, and whether there is as much."""

from __future__ import annotations

from pathlib import Path

from rnnselect.cells import BYTES_PER_FLOAT
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.chunks import scoring_steps, steps_per_chunk
from rnnselect.speed import SCORING_ROWS

__all__ = ["available_bytes", "peak_training_bytes", "refuse_beyond_memory"]

# Fitted to the peaks of 66 fits on the compiled engine (benchmarks/figures/footprint.py; TensorFlow
# 2.21, 2 cores): 16 to 256 units, 50 to 1,000 time steps, batches of 32 to 256.
# What TensorFlow sets up when the first program of a process is compiled and run,
FIRST_PROGRAM_BYTES = 190 * 2**20
# and for each recurrent layer and direction in the programs of each padded length.
PASS_BYTES = 14.4 * 2**20
# Tensors of (time steps, batch, units) that each layer and direction keeps for the way back, and
# those of one of them on its way back: the fused GRU makes all factors of its gradient at once.
KEPT_TENSORS = {"gru": 8.9, "lstm": 7.3}
PASSING_TENSORS = {"gru": 5.7, "lstm": 0.0}
# Further ones that pooling over the time steps keeps, for each direction: fits of 128 units, 500
# time steps and batches of 128, by the costliest pooling.
POOLED_TENSORS = {"gru": 0.8, "lstm": 2.2}
# Tensors of (time steps, batch, channels) of each layer: what it reads, its parts and gradients.
INPUT_TENSORS = 4.4
# Copies of all weights: the network's own, the trainer's, the best ones, gradients, slots of the
# optimizer, and those that a program returns.
WEIGHT_COPIES = 16.3
# Copies of a chunk of steps beside the one that it is gathered in, on average.
CHUNK_COPIES = 1.2
# Checks and scaling of the data, block by block: a share of them, up to so many bytes.
CHECKED_SHARE = 0.4
CHECKED_BYTES = 300 * 10**6
# What was measured lies within this factor of the prediction.
PREDICTION_ERROR = 1.25

MEMORY_OF_SYSTEM = Path("/proc/meminfo")
MEMORY_OF_GROUP = Path("/sys/fs/cgroup")  # a container's, as version 2 of control groups shows it


def peak_training_bytes(
    architecture: Architecture,
    *,
    batch_size: int,
    n_timesteps: int,
    n_lengths: int = 1,
    data_bytes: int = 0,
) -> int:
    """Predict the most memory that one fit and its scoring add to a process.

    Counted is resident memory above that of a process which has imported the libraries, holds the
    data and has compiled nothing yet. A second fit adds less, because the first one has paid for
    what TensorFlow sets up.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    batch_size : int
        Sequences of one training step.
    n_timesteps : int
        Longest padded length.
    n_lengths : int, default=1
        Padded lengths, each with programs of its own.
    data_bytes : int, default=0
        Size of the data; cross-validation copies the rows of a fold.

    Returns
    -------
    int
        Bytes, for the compiled engine on a processor; within 25 % of what was measured.

    Examples
    --------
    >>> from rnnselect.recurrent.architecture import Architecture
    >>> lstm = Architecture("lstm", 256, 1, False, 0, 0, 4, 1000, None, None, False, 2, "softmax")
    >>> [round(peak_training_bytes(lstm, batch_size=n, n_timesteps=1000) / 1e6) for n in (32, 128)]
    [474, 1200]
    """
    passes = architecture.num_layers * architecture.directions
    tensors = KEPT_TENSORS[architecture.cell] * passes + PASSING_TENSORS[architecture.cell]
    if architecture.pooling is not None:
        tensors += POOLED_TENSORS[architecture.cell] * architecture.directions
    inputs = sum(architecture.layer_inputs()) * INPUT_TENSORS * architecture.directions
    n_steps = steps_per_chunk(architecture, batch_size, n_timesteps)
    n_rows = max(n_steps * batch_size, SCORING_ROWS * scoring_steps(architecture, n_timesteps))
    floats = (
        batch_size * n_timesteps * (architecture.units * tensors + inputs)
        + n_rows * n_timesteps * architecture.n_channels * CHUNK_COPIES
        + architecture.n_parameters() * WEIGHT_COPIES
    )
    programs = FIRST_PROGRAM_BYTES + PASS_BYTES * passes * n_lengths
    data = data_bytes + CHECKED_SHARE * min(data_bytes, CHECKED_BYTES)
    return int(programs + BYTES_PER_FLOAT * floats + data)


def refuse_beyond_memory(
    architecture: Architecture, *, batch_size: int, n_timesteps: int, n_lengths: int
) -> None:
    """Raise where training would take more memory than there is, beyond the prediction's error.

    The system would end the process without a word. What TensorFlow sets up once is left out,
    because it may have been set up already.

    Parameters
    ----------
    architecture, batch_size, n_timesteps, n_lengths
        As for `peak_training_bytes`.

    Raises
    ------
    MemoryError
        If not even the lower end of the prediction is available.
    """
    available = available_bytes()
    peak = peak_training_bytes(
        architecture, batch_size=batch_size, n_timesteps=n_timesteps, n_lengths=n_lengths
    )
    if available is None or (peak - FIRST_PROGRAM_BYTES) / PREDICTION_ERROR <= available:
        return
    raise MemoryError(
        f"training this {architecture.cell.upper()} (units={architecture.units}, batch_size="
        f"{batch_size}, {n_timesteps:,} time steps) takes about {peak / 1e9:.1f} GB of memory, and "
        f"{available / 1e9:.1f} GB are available; reduce batch_size or units, shorten the "
        "sequences, or free memory."
    )


def available_bytes() -> int | None:
    """Return the memory that this process can still take without swapping.

    Returns
    -------
    int or None
        Bytes that the system, or the container, has left; None where it does not say, which only
        Linux does.
    """
    left = [_left_in_system(), _left_in_group()]
    return min((n_bytes for n_bytes in left if n_bytes is not None), default=None)


def _left_in_system() -> int | None:
    kibibytes = _fields(MEMORY_OF_SYSTEM).get("MemAvailable:")
    return None if kibibytes is None else 1024 * int(kibibytes)


def _left_in_group() -> int | None:
    limit, used = (_text(MEMORY_OF_GROUP / f"memory.{name}") for name in ("max", "current"))
    if not (limit.isdecimal() and used.isdecimal()):  # "max" means no limit
        return None
    cached = int(_fields(MEMORY_OF_GROUP / "memory.stat").get("inactive_file", 0))
    return max(0, int(limit) - int(used) + cached)


def _fields(path: Path) -> dict[str, str]:
    """Return the second word of each line by the first."""
    lines = (line.split() for line in _text(path).splitlines())
    return {words[0]: words[1] for words in lines if len(words) > 1}


def _text(path: Path) -> str:
    """Return what a file of the system says, nothing where it is not there."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
