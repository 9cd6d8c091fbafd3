"""The format's name and version, and how large anything in a model file may be.

Reading a file allocates no more than it holds, and for JSON what these limits allow.
"""

from __future__ import annotations

__all__ = [
    "FORMAT_NAME",
    "FORMAT_VERSION",
    "MAX_ARRAY_AXES",
    "MAX_DIRECTORY_BYTES",
    "MAX_FILE_BYTES",
    "MAX_JSON_BYTES",
    "MAX_JSON_DEPTH",
    "MAX_JSON_VALUES",
    "MAX_LABEL_BYTES",
    "MAX_MEMBERS",
    "MAX_TIMESTEPS",
]

FORMAT_NAME = "rnnselect model"
# Raised by every change that an older release would misread. What older versions wrote is read for
# ever: tests/persistence/files has a file of each kind and version.
FORMAT_VERSION = 1

# Beyond it a zip archive needs its 64-bit extension. 400,000 word vectors of size 300, with the
# embedding that was trained from them, take 1 GB.
MAX_FILE_BYTES = 2**31 - 1
# A bidirectional layer has six arrays, so that this is a network of 600 layers.
MAX_MEMBERS = 4096
# An entry takes 46 bytes and its name.
MAX_DIRECTORY_BYTES = 128 * MAX_MEMBERS
# A million words of 30 bytes. Python's objects take up to 240 bytes a value and 4 bytes a letter,
# together at most half a gigabyte.
MAX_JSON_BYTES = 2**25
MAX_JSON_VALUES = 2**20
# Ten pipelines within each other; Python's own parser stops at about a thousand levels.
MAX_JSON_DEPTH = 40
# A matrix of weights has two axes.
MAX_ARRAY_AXES = 4
# Class labels are stored with the width that their array had.
MAX_LABEL_BYTES = 2**26
# A network scores blocks that are padded to the lengths that it was trained at, so that these must
# not be absurd: 40 times the longest series that the archives of time series problems have.
MAX_TIMESTEPS = 2**22
