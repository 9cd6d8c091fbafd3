"""
Series of unequal lengths, several channels
===========================================

The digits once more, read from left to right, but only the columns that hold ink: between two and
seven time steps. A list of arrays is all that is needed; nothing is padded by hand.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score

from rnnselect import RNNAdvisor, RNNClassifier

images, y = load_digits(return_X_y=True)
columns = images.reshape(-1, 8, 8).swapaxes(1, 2)
inked = columns.max(axis=2) >= 8  # columns with a dark pixel
X = [image[own] for image, own in zip(columns, inked, strict=True)]
for length, n in zip(*np.unique([len(x) for x in X], return_counts=True), strict=True):
    print(f"{n:4} images of {length} columns")

fig, axes = plt.subplots(1, 5, figsize=(6, 1.6), layout="constrained")
for ax, x, label in zip(axes, X, y, strict=False):
    ax.imshow(x.T, cmap="gray_r")
    ax.set(title=f"{label}: {len(x)} steps", xticks=[], yticks=[])

# %%
# scikit-learn's own functions take the list as it is.

network = RNNClassifier(epochs=15, random_state=0)
print("GRU, three folds:", cross_val_score(network, X, y, cv=3).round(3))

# %%
# And so does the advisor.

print(RNNAdvisor(network, random_state=0).recommend(X, y))
