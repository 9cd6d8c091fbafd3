"""Settings of the documentation; `make docs` builds it with warnings as errors."""

import sys
from pathlib import Path

from rnnselect import __version__

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside this file

project = "rnnselect"
author = "The rnnselect developers"
release = __version__

extensions = [
    "command_output",
    "kept_gallery",
    "link_check",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery"]
html_static_path = ["_static"]
html_theme = "pydata_sphinx_theme"
html_title = "rnnselect"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    # No headings in the way of wide tables.
    "secondary_sidebar_items": {"**": ["page-toc"], "atlas": [], "index": [], "speed": []},
}
html_sidebars = {"**": ["all-pages"], "index": []}  # the start page lists them itself
default_role = "py:obj"  # `name` links to the reference where it is in there

toc_object_entries_show_parents = "hide"
autosummary_generate = True
autosummary_imported_members = True
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
numpydoc_show_class_members = False
# All of numpydoc's checks but: SA01, ES01, EX01: not every method needs a "See Also", more than a
# summary, and an example (each page of the reference has one, see tests/test_documentation.py);
# RT02: `self : object`, as scikit-learn writes it.
numpydoc_validation_checks = {"all", "SA01", "ES01", "EX01", "RT02"}
numpydoc_validation_exclude = {r"\.get_n_splits$"}  # scikit-learn's own
templates_path = ["templates"]

# Running the examples takes minutes: `make gallery` does, and keeps what they print and draw for
# the other builds, see kept_gallery.py.
plot_gallery = "False"
abort_on_example_error = True
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": "",  # all of them
    "download_all_examples": False,  # there are no notebooks of what was not run
    "within_subsection_order": "gallery_order.ReadingOrder",
    "default_thumb_file": str(Path(__file__).parent / "_static" / "thumbnail.svg"),
    "capture_repr": (),
    "min_reported_time": 1,  # seconds
    "write_computation_times": False,
    "show_signature": False,
}
