"""
When neither cell is worth it
=============================

Sometimes the honest answer to "LSTM or GRU?" is "no". Two such cases: there is nothing to learn,
and a linear model does as well.
"""

import numpy as np

from rnnselect import RaceDisplay, RNNAdvisor, RNNClassifier
from rnnselect.datasets import make_no_signal

# %%
# Noise with labels that mean nothing. Neither cell does better than a prediction without learning.

X, y = make_no_signal(400, random_state=0)
network = RNNClassifier(units=16, epochs=20)
print(RNNAdvisor(network, random_state=0).recommend(X, y), "\n")

# %%
# The label is whether the series rises: a linear model on a few summary features knows that as
# well, and takes a thousandth of the time.

rng = np.random.default_rng(0)
slopes = rng.normal(size=600)
X = slopes[:, None] * np.linspace(-1, 1, 20) + rng.normal(scale=2.0, size=(600, 20))
found = RNNAdvisor(network, random_state=0).recommend(X, slopes > 0)
print(found)
print("\nworth it:", found.worth_it)
RaceDisplay.from_recommendation(found)
