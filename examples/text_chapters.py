"""
Text: which chapter is this from?
=================================

Twenty words from Python's own ``help()`` pages; the network says which page they were taken from. A
tokenizer and a network in one pipeline read raw strings.
"""

from pydoc_data.topics import topics

import numpy as np
from sklearn.pipeline import make_pipeline

from rnnselect import RaceDisplay, RNNAdvisor, RNNClassifier, SequenceTokenizer

N_PAGES, N_WORDS = 4, 20

# %%
# The longest pages, cut into pieces of 20 words. Neighbouring pieces share their subject, so each
# page is cut into ten blocks, and a block stays on one side of every split (``groups``).

pages = sorted(topics, key=lambda name: len(topics[name]))[-N_PAGES:]
documents, labels, blocks = [], [], []
for name in pages:
    words = topics[name].split()
    pieces = [" ".join(words[i : i + N_WORDS]) for i in range(0, len(words), N_WORDS)]
    documents += pieces
    labels += [name] * len(pieces)
    blocks += [f"{name} {10 * i // len(pieces)}" for i in range(len(pieces))]
documents, labels = np.array(documents, dtype=object), np.array(labels)
print(f"{len(documents)} pieces of {', '.join(pages)}; for example: {documents[0]!r}")

# %%
# The advisor finds the cell inside the pipeline. The tokenizer is fitted on the training part of
# each fold, like any other step.

model = make_pipeline(
    SequenceTokenizer(max_tokens=2000), RNNClassifier(embedding_dim=16, units=16, epochs=15)
)
advisor = RNNAdvisor(model, task="text_classification", random_state=0)
print(advisor.fit(documents, labels, groups=blocks).recommendation_)
RaceDisplay.from_advisor(advisor)

# %%
# A sentence of our own:

print(advisor.predict(["the method is called when the attribute of the instance is not found"]))
