"""What is trained: scikit-learn estimators around Keras LSTM and GRU networks.

- `architecture`: the shape of a network as a record; equal records share compiled programs.
- `network`: builds the `keras.Model` from the record (real Keras layers).
- `reader`: what the estimators know of X: its form in fit, to which later input is held.
- `target`, `labels`: what a network is to predict: class numbers, labels or standardised values.
- `steps`, `scorers`: targets of every time step, stored end to end, and scores of them.
- `inputs`: checks of what comes with X: targets, weights, groups, token ids, their vectors.
- `token_ids`: padding among token ids, ids without end, and ids taken for numbers.
- `fit_state`: all that a fit has learnt, as one record that is taken over at its end.
- `continuation`: training that goes on: what must be as it was, what the optimizer remembers.
- `holdout`: the internal validation part.
- `stopping`: when one training ends: early stopping, best weights, deadline, divergence.
- `batches`: which rows make which step: shuffling, length buckets, weights.
- `optimizers`: the updates of Adam, AdamW, SGD and RMSprop as pure functions.
- `programs`: compiled programs, each made once a process and shared by all threads.
- `backend_tensorflow`, `backend_jax`: what those need of the library that compiles them.
- `fused_gru`: a GRU with a gradient by hand, in TensorFlow's training programs.
- `compiled`, `plain`: the two trainers: whole chunks of steps in one XLA program; `model.fit`.
- `forking`: a process forked after the backend has run is noticed.
- `engine`: chooses the trainer; the only door from the estimators to Keras.
- `keeping`: the network as a `keras.Model`, or as weights until one is needed.
- `record`, `restoring`, `keras_optimizers`: what a model file says of a network, and back.
- `base`, `classifier`, `regressor`: the estimators.
- `probe`: measures compilation and speed on the user's own data, for the advisor.

Nothing in this package imports Keras or TensorFlow before the first `fit`.
"""
