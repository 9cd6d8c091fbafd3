"""What the reference holds, and scikit-learn's links to its pages."""

import inspect
import pydoc
import re
from email.message import Message
from pathlib import Path

import pytest
from sklearn.utils import estimator_html_repr

from rnnselect import (
    RNNAdvisor,
    RNNClassifier,
    RNNRegressor,
    SequenceScaler,
    SequenceTokenizer,
    documentation,
)

ESTIMATORS = [RNNAdvisor, RNNClassifier, RNNRegressor, SequenceScaler, SequenceTokenizer]

REFERENCE = Path(__file__).parents[1] / "docs" / "api.rst"
if not REFERENCE.exists():
    pytest.skip("the documentation is not shipped", allow_module_level=True)


def pages():
    """Yield the full name of each object that has a page in the reference."""
    module = ""
    for line in REFERENCE.read_text().splitlines():
        if line.startswith(".. currentmodule:: "):
            module = line.split()[-1]
        elif re.fullmatch(r"   \w[\w.]*", line):
            yield f"{module}.{line.strip()}"


@pytest.mark.parametrize("name", list(pages()))
def test_each_page_of_the_reference_has_an_example(name):
    found = pydoc.locate(name)
    docs = [inspect.getdoc(found)]
    if inspect.isclass(found):
        docs += [inspect.getdoc(member) for _, member in inspect.getmembers(found)]
    assert any(">>> " in (text or "") for text in docs)


@pytest.fixture
def installed(monkeypatch):
    """Return a message that stands for the metadata of the installed package."""
    message = Message()
    monkeypatch.setattr(documentation, "metadata", lambda name: message)
    documentation.documentation_url.cache_clear()
    yield message
    documentation.documentation_url.cache_clear()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_links_to_its_page(installed, estimator):
    installed["Project-URL"] = "Source, https://source.invalid/"
    installed["Project-URL"] = "Documentation, https://docs.invalid/stable/"
    page = f"generated/rnnselect.{estimator.__name__}.html"
    assert f"https://docs.invalid/stable/{page}" in estimator_html_repr(estimator())
    assert f"rnnselect.{estimator.__name__}" in pages()


def test_no_link_without_an_address(installed):
    installed["Project-URL"] = "Source, https://source.invalid/"
    assert RNNClassifier()._get_doc_link() == ""
    assert "generated/rnnselect" not in estimator_html_repr(RNNClassifier())


def test_not_installed(monkeypatch):
    def missing(name):
        raise documentation.PackageNotFoundError(name)

    monkeypatch.setattr(documentation, "metadata", missing)
    documentation.documentation_url.cache_clear()
    assert documentation.documentation_url() == ""
    documentation.documentation_url.cache_clear()
