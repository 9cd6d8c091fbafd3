"""Built-in problems, each with its reference and its known answer.

- `digits`: handwritten digits, real data that come with scikit-learn.
- `memory`: adding problem, temporal order, copy memory.
- `counting`: parity, and the languages aⁿbⁿ and aⁿbⁿcⁿ.
- `series`: Mackey-Glass, noisy sines, and data without a signal.
- `ts_files`: files in the format of the UCR, UEA and TSER archives.
- `drawing`: what the makers share.

Every maker is called as scikit-learn's are, ``make_...(n_samples, length=..., random_state=...)``,
and returns X and y as the estimators take them. Where `length` may be a pair, the lengths of
sequences are drawn between its ends.
"""

from rnnselect.datasets.counting import make_anbn, make_parity
from rnnselect.datasets.digits import load_digits_sequences
from rnnselect.datasets.memory import make_adding_problem, make_copy_memory, make_temporal_order
from rnnselect.datasets.series import make_mackey_glass, make_no_signal, make_noisy_sines
from rnnselect.datasets.ts_files import TsProblem, load_ts

__all__ = [
    "TsProblem",
    "load_digits_sequences",
    "load_ts",
    "make_adding_problem",
    "make_anbn",
    "make_copy_memory",
    "make_mackey_glass",
    "make_no_signal",
    "make_noisy_sines",
    "make_parity",
    "make_temporal_order",
]
