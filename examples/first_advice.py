"""
First advice
============

Handwritten digits, each image a sequence of 8 rows of 8 pixels. Which cell should read them, and
is a recurrent network worth it at all?
"""

from sklearn.model_selection import train_test_split

from rnnselect import PosteriorDisplay, RNNAdvisor
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# What would a comparison cost, and what could it gain? Nothing is trained for this answer.

advisor = RNNAdvisor(budget="1min", random_state=0)
print(advisor.plan(X_train, y_train))

# %%
# `fit` compares the cells, and fits the chosen one on all training data in the time that is left.

advisor.fit(X_train, y_train)
print(advisor.recommendation_)

# %%
# The same as a picture: what is believed of the difference between the cells.

PosteriorDisplay.from_advisor(advisor)

# %%
# The scores above are those of the folds. These images were not seen:

print(f"{advisor.best_cell_.upper()} on held-out images: {advisor.score(X_test, y_test):.3f}")
