"""
Three situations of the advisor
===============================

The budget allows a race, and it settles early; the budget is too small for any pair; the cells
are practically equivalent.
"""

import numpy as np

from rnnselect import PosteriorDisplay, RNNAdvisor, RNNClassifier
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()  # each image is a sequence of 8 rows of 8 pixels

# %%
# 1. The budget allows the race. It stops as soon as more folds are not expected to change the
# advice.

print(RNNAdvisor(budget="1min", random_state=0).recommend(X, y), "\n")

# %%
# 2. The budget is too small for any pair of fits. The advice is marked as not tested, and says
# from which budget on the advisor would race. Nothing is compiled for it.

larger = RNNClassifier(units=64)
print(RNNAdvisor(larger, budget="2s", random_state=0).recommend(X, y), "\n")

# %%
# 3. The cells are practically equivalent: both solve this problem, and a difference of up to 2
# points is said not to matter (``rope=0.02``). The one that is ahead is taken, or, where the
# expected gap is below a twentieth of that, the one that was measured as cheaper.

rng = np.random.default_rng(0)
series = rng.normal(size=(5000, 4))
ends_differ = (series[:, 0] > 0) != (series[:, -1] > 0)
network = RNNClassifier(units=16, learning_rate=0.01)
advisor = RNNAdvisor(network, budget="2min", rope=0.02, random_state=3)
found = advisor.recommend(series, ends_differ)
print(found)
PosteriorDisplay.from_recommendation(found)
