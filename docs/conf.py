"""Settings of the documentation; `make docs` builds it with warnings as errors."""

import sys
from pathlib import Path

from rnnselect import __version__

sys.path.insert(0, str(Path(__file__).parent))  # for command_output

project = "rnnselect"
author = "The rnnselect developers"
release = __version__

extensions = [
    "command_output",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
exclude_patterns = ["_build"]
html_static_path = ["_static"]
html_theme = "pydata_sphinx_theme"
html_title = "rnnselect"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_sidebars = {"**": []}  # few pages, all in the bar at the top: the tables need the width
default_role = "py:obj"  # `name` links to the reference where it is in there

autosummary_generate = True
autosummary_imported_members = True
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
numpydoc_show_class_members = False
templates_path = ["templates"]
