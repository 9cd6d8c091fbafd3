"""
Which letter comes next?
========================

Language modelling by windows: a network reads 40 letters of English prose and says how probable
each letter is as the next one. The text is what Python's own ``help()`` says about the language.
"""

from pydoc_data.topics import topics

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss, make_scorer

from rnnselect import (
    LearningCurvesDisplay,
    RNNAdvisor,
    RNNClassifier,
    SequenceTokenizer,
    WindowSplit,
    make_windows,
)

LENGTH = 40

# %%
# The text as the ids of its letters; whatever is not a letter is a space.

prose = "".join(c if c.isascii() and c.isalpha() else " " for c in " ".join(topics.values()))
text = " ".join(prose.lower().split())[:30_000]
cut = len(text) * 9 // 10
letters = SequenceTokenizer(analyzer="char").fit([text])
past, future = (letters.transform([part])[0] for part in (text[:cut], text[cut:]))

# %%
# Windows of 40 letters, and the letter that follows each of them. Neighbours overlap in 39 letters:
# `WindowSplit` keeps every window out of training that shares one with a test window, and does so
# for the part on which early stopping is decided as well.

X, y = make_windows(past, length=LENGTH, stride=2)
network = RNNClassifier(
    embedding_dim=16,
    vocabulary_size=letters.vocabulary_size_,
    units=32,
    epochs=30,
    validation_fraction=WindowSplit(2, length=LENGTH, stride=2),
)
advisor = RNNAdvisor(
    network,
    scoring=make_scorer(  # not "neg_log_loss": a test part may lack a rare letter
        log_loss, labels=np.unique(y), response_method="predict_proba", greater_is_better=False
    ),
    cv=WindowSplit(3, length=LENGTH, stride=2),
    budget="2min",
    random_state=0,
)
print(advisor.fit(X, y).recommendation_, "\n")
LearningCurvesDisplay.from_estimator(advisor.best_estimator_)

# %%
# Perplexity on the text that nobody has seen: 10 means to be as unsure as between 10 letters.

X_new, y_new = make_windows(future, length=LENGTH)
for name, model in {
    "letter frequencies": DummyClassifier().fit(X, y),
    f"{advisor.recommendation_.cell.upper()} of 32 units": advisor,
}.items():
    loss = log_loss(y_new, model.predict_proba(X_new), labels=advisor.classes_)
    print(f"perplexity of {name}: {np.exp(loss):.1f}")

# %%
# The network goes on by itself, letter by letter.

written = list(past[-LENGTH:])
draw = np.random.default_rng(0)
for _ in range(120):
    chances = advisor.predict_proba(np.array([written[-LENGTH:]]))[0]
    written.append(int(draw.choice(advisor.classes_, p=chances)))
print("".join(letters.inverse_transform([written])[0]))
