"""Recognises data seen before: the same sequences, a part of them, in any order.

Each sequence is hashed twice, and of each kind of hash a data set keeps the smallest, a sketch
[1]_: two sketches tell how many sequences two data sets share, whatever their order.

- *Contents*: the values, as networks see them (float32). Nothing of the padding enters, nor the
  form in which the sequences are given.
- *Shapes*: what remains where a pipeline scales channels, or time steps of a 2-D array, or numbers
  tokens in another way in each fold of a nested cross-validation. Of token ids, which nearby ones
  are equal; of channels, which of two nearby values is larger; of a 2-D array, where a series
  stands, roughly, among the others in some directions. Shapes count only where they tell the
  sequences of a data set apart.

Targets are left out: the same sequences with other targets are not independent data.

References
----------
.. [1] Broder, A. Z. (1997). On the resemblance and containment of documents. Compression and
       Complexity of Sequences, 21-29.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import rankdata

from rnnselect.sequences.batch import SequenceBatch

__all__ = ["SKETCH_SIZE", "Fingerprint", "fingerprint", "overlaps"]

# Hashes that a sketch keeps. A share of a half is then known to 0.02 (0.04 where the other data set
# is three times as large), and a sketch takes 4 kB.
SKETCH_SIZE = 512
# With less in common two data sets are different ones: a few sequences, such as all zeros, occur
# everywhere. Training parts of a nested cross-validation with 3 folds or more share at least half
# of the contents. If their columns are scaled each by its own means, those of three folds share
# 0.07 to 0.2 of the shapes (200 to 900 rows) and 0.24 to 0.4 (3,000), those of five folds twice as
# many: digits, white and smooth noise, noisy sines.
MIN_SHARED_SHARE = 0.05
MIN_SHARED = 2
# Shapes tell sequences apart where 99 in 100 are different. Data sets of one source then share less
# than a fiftieth of them by chance.
MIN_DISTINCT_SHAPES = 0.99
# How far apart two values of a shape may be: sequences up to 16 time steps are ordered completely.
SHAPE_LAGS = 16
# Directions that make the shape of a series in a 2-D array, and bits that they have together: as
# few as tell 100,000 series apart, for each rank may come out differently in another part.
SHAPE_DIRECTIONS = 16
SHAPE_BITS = 24
ROUNDING = 1e-9
VALUES_PER_BLOCK = 2**20  # 8 MiB of hashes at a time

_SEED = 0x726E6E73  # any; another one makes all earlier sketches useless
_NAN_BITS = np.uint32(0x7FC00000)


@dataclass(frozen=True, eq=False, slots=True)
class Fingerprint:
    """What is kept of a data set to recognise it; no value can be read from it.

    Parameters
    ----------
    contents : ndarray of shape (n_hashes,)
        The smallest hashes of the sequences' values, ascending, at most `SKETCH_SIZE`.
    shapes : ndarray of shape (n_hashes,)
        The same of their shapes; empty where shapes do not tell the sequences apart.
    """

    contents: NDArray[np.uint64]
    shapes: NDArray[np.uint64]


def fingerprint(batch: SequenceBatch, keys: Iterable[bytes] | None = None) -> Fingerprint:
    """Take the fingerprint of a data set, in one pass.

    Parameters
    ----------
    batch : SequenceBatch
        The sequences.
    keys : iterable of bytes, default=None
        What stands for the contents of each sequence where it was made from something else, such
        as the text of tokens.

    Returns
    -------
    Fingerprint
        Of at most 8 kB.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.validation import read_sequences
    >>> X = np.random.default_rng(0).normal(size=(300, 20))
    >>> first, second, other = (
    ...     fingerprint(read_sequences(part)) for part in (X[:200], X[:100:-1], X[200:])
    ... )
    >>> overlaps([first, second, other])[0].tolist()
    [True, True, False]
    """
    contents = np.empty(batch.n_samples, dtype=np.uint64)
    shapes = np.empty(batch.n_samples, dtype=np.uint64)
    longest = max(SHAPE_DIRECTIONS, batch.max_length * batch.n_channels)
    weights = np.random.PCG64(_SEED).random_raw(longest + 2) | np.uint64(1)
    for rows, n_timesteps in _blocks(batch):
        lengths = batch.lengths[rows]
        block = batch.padded(rows, n_timesteps).reshape(len(rows), n_timesteps, batch.n_channels)
        inside = (np.arange(n_timesteps) < lengths[:, None])[:, :, None]
        contents[rows] = _hashes(np.where(inside, _bits(block), 0), lengths, weights)
        if batch.kind != "series":
            shapes[rows] = _hashes(np.where(inside, _order(block), 0), lengths, weights)
    if batch.kind == "series":
        shapes = _hashes(_ranks(batch), batch.lengths, weights)
    if keys is not None:
        contents = np.array([_hash_of_key(key) for key in keys], dtype=np.uint64)
    distinct, distinct_shapes = np.unique(contents), np.unique(shapes)
    if len(distinct_shapes) < MIN_DISTINCT_SHAPES * len(distinct):
        distinct_shapes = distinct_shapes[:0]
    return Fingerprint(distinct[:SKETCH_SIZE].copy(), distinct_shapes[:SKETCH_SIZE].copy())


def overlaps(fingerprints: Sequence[Fingerprint]) -> NDArray[np.bool_]:
    """Say which data sets have sequences in common, beyond what occurs everywhere.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint, length n
        Of the data sets.

    Returns
    -------
    ndarray of shape (n, n)
        True where the smaller one shares at least a twentieth of its distinct sequences or shapes,
        two or more, with the larger one.

    Notes
    -----
    Error rates (binomial tails) for data sets of equal size, and where one is three times as large
    as the other: with half in common an overlap is missed with a probability below 1e-30, with a
    tenth below 1e-4 and 1e-2; a fiftieth in common is taken for an overlap below 1e-4 and 1e-2.
    That two given sequences have one hash by chance has a probability of about 1e-19.
    """
    contents = _shares([each.contents for each in fingerprints])
    shapes = _shares([each.shapes for each in fingerprints])
    together = np.maximum(contents, shapes) >= MIN_SHARED_SHARE
    np.fill_diagonal(together, True)
    return together


def _shares(sketches: list[NDArray[np.uint64]]) -> NDArray[np.float64]:
    """Estimate which share of the smaller data set the larger one has, for all pairs of them."""
    n = len(sketches)
    hashes = np.concatenate(sketches)
    owners = np.repeat(np.arange(n), [len(sketch) for sketch in sketches])
    known, columns = np.unique(hashes, return_inverse=True)
    membership = csr_array((np.ones(len(hashes), np.int32), (owners, columns)), (n, len(known)))
    shared = (membership @ membership.T).toarray()
    # Up to the largest hash of the shorter reach, both sketches are complete.
    everything = np.iinfo(np.uint64).max
    reach = np.array(
        [sketch[-1] if len(sketch) == SKETCH_SIZE else everything for sketch in sketches],
        dtype=np.uint64,
    )
    counts = np.stack([np.searchsorted(sketch, reach, side="right") for sketch in sketches])
    in_reach = np.minimum(counts, np.array([len(s) for s in sketches])[:, None])
    smaller = np.minimum(in_reach, in_reach.T)
    shares: NDArray[np.float64] = shared / np.maximum(smaller, 1)
    shares[shared < np.minimum(MIN_SHARED, np.maximum(smaller, 1))] = 0.0
    return shares


def _blocks(batch: SequenceBatch) -> Iterator[tuple[NDArray[np.int_], int]]:
    """Yield rows of similar length and how long to pad them, so that no block is mostly padding."""
    doubled = 2 ** np.ceil(np.log2(np.maximum(batch.lengths, 1))).astype(int)
    for length in np.unique(doubled):
        n_timesteps = min(int(length), batch.max_length)
        rows = np.flatnonzero(doubled == length)
        size = max(1, VALUES_PER_BLOCK // (n_timesteps * batch.n_channels))
        for start in range(0, len(rows), size):
            yield rows[start : start + size], n_timesteps


def _bits(block: NDArray[np.float32] | NDArray[np.int32]) -> NDArray[np.uint32]:
    """Return the values as whole numbers, equal where the values are."""
    if block.dtype == np.int32:
        return block.view(np.uint32)
    bits = (block + np.float32(0)).view(np.uint32)  # -0.0 becomes 0.0
    return np.where(np.isnan(block), _NAN_BITS, bits)


def _order(block: NDArray[np.float32] | NDArray[np.int32]) -> NDArray[np.uint16]:
    """Compare each value with those up to `SHAPE_LAGS` time steps before it, one bit for each."""
    compare = np.equal if block.dtype == np.int32 else np.greater
    shape = np.zeros(block.shape, dtype=np.uint16)
    for lag in range(1, min(SHAPE_LAGS, block.shape[1] - 1) + 1):
        later = compare(block[:, lag:], block[:, :-lag])
        shape[:, lag:] |= later.astype(np.uint16) << np.uint16(lag - 1)
    return shape


def _ranks(batch: SequenceBatch) -> NDArray[np.int64]:
    """Rank all series along some directions that scaling their columns leaves as they are.

    A direction is a random sum of the standardised columns' steps from each to the next, which are
    standardised as well, so that smooth series are told apart too.
    """
    n_timesteps = batch.max_length
    stored, rows = batch.steps.reshape(-1, n_timesteps), batch.starts // n_timesteps
    size = max(1, VALUES_PER_BLOCK // n_timesteps)
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    origin = np.nan_to_num(stored[rows[0]].astype(np.float64))
    total, squares, products = np.zeros((3, n_timesteps))
    for part in parts:
        block = _known(stored[part] - origin)
        total += block.sum(axis=0)
        squares += np.einsum("ij,ij->j", block, block)
        products[1:] += np.einsum("ij,ij->j", block[:, 1:], block[:, :-1])
    mean = total / batch.n_samples
    scale = _inverse_root(squares / batch.n_samples - mean**2, squares / batch.n_samples)
    covariance = products[1:] / batch.n_samples - mean[1:] * mean[:-1]
    of_steps = _inverse_root(np.append(1.0, 2 - 2 * covariance * scale[1:] * scale[:-1]), 1.0)
    directions = np.diag(of_steps)
    if n_timesteps > SHAPE_DIRECTIONS:
        numbers = np.random.PCG64(_SEED + 1).random_raw((n_timesteps, SHAPE_DIRECTIONS))
        directions = of_steps[:, np.newaxis] * np.where(numbers >> np.uint64(63), 1.0, -1.0)
    weights = scale[:, np.newaxis] * -np.diff(directions, axis=0, append=0.0)
    along = np.concatenate([_known(stored[part] - (origin + mean)) @ weights for part in parts])
    levels = 2 ** (SHAPE_BITS / directions.shape[1])
    ranks: NDArray[np.int64] = (rankdata(along, axis=0) / batch.n_samples * levels).astype(np.int64)
    return ranks[:, :, np.newaxis]


def _known(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put 0 where a value is missing."""
    missing = np.isnan(block)
    block[missing] = 0.0
    return block


def _inverse_root(
    variances: NDArray[np.float64], of: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Return the inverse of the standard deviations; 0 where nothing varies but by rounding."""
    varies = variances > ROUNDING * of
    return np.where(varies, 1 / np.sqrt(np.where(varies, variances, 1.0)), 0.0)


def _hashes(
    words: NDArray[np.integer], lengths: NDArray[np.int_], weights: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Hash each row: a weighted sum modulo 2^64, which padding with 0 leaves alone, then mixed."""
    n_rows, _, n_channels = words.shape
    flat = words.reshape(n_rows, -1).astype(np.uint64)
    mixed = flat @ weights[2 : 2 + flat.shape[1]] + lengths.astype(np.uint64) * weights[0]
    mixed += np.uint64(n_channels) * weights[1]
    # The finaliser of SplitMix64.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    finished: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return finished


def _hash_of_key(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")
