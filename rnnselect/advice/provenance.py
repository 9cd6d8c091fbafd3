"""Where a recommendation comes from: the code that asked for it and the versions that gave it."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["Provenance", "installed_versions"]

# What decides the numbers, in the order in which a reader would ask. Versions are read from the
# installed packages' metadata: nothing is imported for them.
_PACKAGES = {
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "scikit-learn": "scikit-learn",
    "NumPy": "numpy",
}


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide the numbers.

    Returns
    -------
    dict of str to str
        Without packages that are not installed.

    Examples
    --------
    >>> list(installed_versions())[:2]
    ['rnnselect', 'Python']
    """
    # The running code's own, though it may run without being installed.
    own = vars(sys.modules["rnnselect"])["__version__"]
    found = {name: _version(package) for name, package in _PACKAGES.items()}
    installed = {name: number for name, number in found.items() if number}
    return {"rnnselect": own, "Python": platform.python_version(), **installed}


@cache  # reading the metadata of four packages takes milliseconds
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What gave a recommendation.

    Parameters
    ----------
    code : str, default=""
        Python that asks for the same again, given X and y; empty where nobody knows it.
    repeatable : bool, default=True
        Whether the code has a fixed seed, so that the same data give the same advice.
    versions : dict of str to str
        Of Python and of the packages, when it was made.
    date : str
        The day on which it was made, as in 2026-12-01.
    command : str, default=""
        The command line, where one was given.
    data : dict of str to str, default={}
        What is known of where the data come from, such as their file and target.
    """

    code: str = ""
    repeatable: bool = True
    versions: dict[str, str] = field(default_factory=installed_versions)
    date: str = field(default_factory=lambda: date.today().isoformat())
    command: str = ""
    data: dict[str, str] = field(default_factory=dict)
