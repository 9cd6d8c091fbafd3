"""
Three situations of the advisor
===============================

The budget allows a race, and it settles early; the budget is too small for any pair; the cells
are practically equivalent, so that the cheaper one is taken.
"""

import numpy as np
from sklearn.datasets import load_digits

from rnnselect import RNNAdvisor, RNNClassifier

X, y = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8)  # each image is a sequence of 8 rows of 8 pixels

# %%
# 1. The budget allows the race. It stops as soon as more folds are not expected to change the
# advice.

print(RNNAdvisor(budget="1min", random_state=0).recommend(X, y), "\n")

# %%
# 2. The budget is too small for any pair of fits. The advice is marked as not tested, and says
# from which budget on the advisor would race. Keras is not even imported for it.

print(RNNAdvisor(budget="2s", random_state=0).recommend(X, y), "\n")

# %%
# 3. The cells are practically equivalent: with thousands of samples of a problem that both solve,
# hardly any test sample tells them apart. ``min_gain=0`` runs all folds, to be sure of it. The
# cell that was measured as cheaper is taken.

rng = np.random.default_rng(0)
series = rng.normal(size=(4000, 6))
ends_differ = (series[:, 0] > 0) != (series[:, -1] > 0)
network = RNNClassifier(units=16, learning_rate=0.01)
advisor = RNNAdvisor(network, budget="2min", min_gain=0, random_state=0)
print(advisor.recommend(series, ends_differ))
