"""The file that holds a model: what may be in it, how it is written and read.

A model file is a zip archive of JSON documents and NumPy arrays:

- ``format.json``: that this is a model file, and the version of its format;
- ``estimator.json``: the estimator: kind, parameters, fitted attributes, and which array is which;
- ``metadata.json``: what the user says of it;
- ``arrays/0.npy``, ``arrays/1.npy``, ...: weights and scales.

Nothing in it is ever executed: JSON holds plain values, and ``.npy`` members are raw bytes behind a
header that must be the expected one, letter by letter; no pickle is ever read. The format is
NumPy's own rather than safetensors because the package needs NumPy anyway, and `numpy.load` shows
the arrays of such a file to anybody. The members are stored, not compressed: weights hardly shrink,
the bytes do not depend on a version of zlib, and what a file unpacks to is never larger than the
file, which rules out zip bombs.

- `limits`: how large anything in a file may be.
- `documents`: JSON as bytes, and back.
- `npy`: the header of an array.
- `plain`: plain values as JSON, and back.
- `fields`: JSON objects and parameters of estimators, held to their constraints.
- `writing`: writes a file, all of it or nothing.
- `reading`: reads a file as the work of an attacker.

This package knows files, not estimators: `recurrent` and `preprocessing` say what is in theirs.
"""
