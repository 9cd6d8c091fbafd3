"""Saving and loading: which estimators a model file can hold, and the way there and back.

- `pipelines`: pipelines of the others, nested or not.
- `saving`, `loading`: the public functions.

What is in the file of one estimator is said beside it (`recurrent.record`, `preprocessing.record`);
the file itself is the business of `archive`.
"""
