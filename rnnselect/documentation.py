"""Where the documentation is, for the links in scikit-learn's HTML representation."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

__all__ = ["DocumentedMixin", "documentation_url"]


@cache
def documentation_url() -> str:
    """Return the address of the documentation as the installed package states it, or "".

    Returns
    -------
    str
        Without a slash at its end; empty where the package runs without being installed.
    """
    try:
        urls = metadata("rnnselect").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    pages = (line.partition(", ") for line in urls)
    return next((url.rstrip("/") for label, _, url in pages if label == "Documentation"), "")


class DocumentedMixin:
    """Links an estimator's HTML representation to its page; stands before `BaseEstimator`."""

    _doc_link_module = "rnnselect"

    @property
    def _doc_link_template(self) -> str:
        return documentation_url() + "/generated/rnnselect.{estimator_name}.html"

    def _get_doc_link(self) -> str:
        link: str = super()._get_doc_link()  # type: ignore[misc]  # of BaseEstimator
        return link if documentation_url() else ""
