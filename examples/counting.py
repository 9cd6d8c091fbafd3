"""
Counting, where LSTM is at home
===============================

Is a word of the form aⁿbⁿ, as many b as a? A cell that counts up and down can tell. The cell state
of an LSTM may grow without limit, the state of a GRU stays between -1 and 1 (Weiss, Goldberg and
Yahav, 2018, arXiv:1805.04908).
"""

from rnnselect import LearningCurvesDisplay, RNNAdvisor, RNNClassifier
from rnnselect.datasets import make_anbn

X, y = make_anbn(1500, n_repeats=(1, 30), random_state=0)
print(f"{len(X)} words of up to {max(map(len, X))} letters, {y.mean():.0%} of them well formed")

# %%
# Small networks on short words, so that counting has to be learnt.

network = RNNClassifier(embedding_dim=4, units=8, epochs=40)
advisor = RNNAdvisor(network, task="counting", random_state=0)
advisor.fit(X, y)
print(advisor.recommendation_)

# %%
# How both cells learnt, in every fit of the race:

LearningCurvesDisplay.from_advisor(advisor)

# %%
# On words as long as those that were seen, both cells can be right, and a race asks no more. Words
# longer than any that were seen show which cell counts:

X_long, y_long = make_anbn(500, n_repeats=(31, 60), random_state=1)
for cell in ("gru", "lstm"):
    network.set_params(cell=cell, random_state=0).fit(X, y)
    print(f"{cell.upper()} on longer words: {network.score(X_long, y_long):.3f}")
