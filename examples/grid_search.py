"""
A finished GridSearchCV explained
=================================

The cell is a parameter like any other. A search says which mean is higher;
`Recommendation.from_search` says whether that means anything.
"""

import pandas as pd
from sklearn.model_selection import GridSearchCV

from rnnselect import PosteriorDisplay, Recommendation, RNNClassifier
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()
X, y = X[:900], y[:900]
network = RNNClassifier(epochs=10, random_state=0)
search = GridSearchCV(network, {"cell": ["gru", "lstm"], "units": [16, 32]}, cv=4).fit(X, y)
columns = ["param_cell", "param_units", "mean_test_score", "std_test_score", "rank_test_score"]
print(pd.DataFrame(search.cv_results_)[columns].to_string(index=False))

# %%
# The best candidate of each cell, held against each other on the same folds:

found = Recommendation.from_search(search, y)
print(found)

# %%
# What is believed of the difference after these folds. Those between the dashed lines, the region
# of practical equivalence, matter to nobody.

PosteriorDisplay.from_recommendation(found)
