"""scikit-learn's HTML representation links to the pages that the documentation has."""

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
    reference = (Path(__file__).parents[1] / "docs" / "api.rst").read_text()
    assert f"\n   {estimator.__name__}\n" in reference  # there is such a page


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
