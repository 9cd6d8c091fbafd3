"""
More than two candidates
========================

Both cells with two sizes, in one comparison: all run the same folds, and those that cannot be
expected to become the best leave early.
"""

import matplotlib.pyplot as plt

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()
advisor = RNNAdvisor(RNNClassifier(epochs=15), param_grid={"units": [8, 32]}, random_state=0)
print(advisor.fit(X[:1000], y[:1000]).recommendation_)

# %%
# How likely each is to be the best:

probabilities = advisor.recommendation_.probabilities
for name, probability in probabilities.items():
    print(f"{name:16} {probability:6.1%}")

fig, ax = plt.subplots(layout="constrained")
ax.barh(list(probabilities), list(probabilities.values()))
ax.set(xlabel="probability to be the best", xlim=(0, 1))
ax.invert_yaxis()
