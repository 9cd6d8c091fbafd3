"""Promises about the package's shape: light imports, one-way flow, short files, true exports."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import rnnselect

PACKAGE = Path(rnnselect.__file__).parent
PROJECT = PACKAGE.parent
HEAVY_LIBRARIES = {"jax", "keras", "matplotlib", "tensorflow", "torch"}
MAX_LINES = 600  # a file longer than this holds more than one idea

FILES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = sorted(
    ".".join(path.parent.relative_to(PROJECT).parts) for path in FILES if path.name == "__init__.py"
)


# In one interpreter, from the lightest to the heaviest.
LIGHT = {
    "import": "import rnnselect",
    "advice and report": "import rnnselect.advice.recommendation, rnnselect.report.text",
    "plan": """
plan = rnnselect.RNNAdvisor().plan(n_samples=5000, sequence_length=200)
str(plan), plan.to_json()
""",
    "plan under limits": """
from rnnselect import Budget, RNNAdvisor
from rnnselect.exceptions import NoCellFitsError
limits = Budget(memory="2GB", max_parameters=4000, max_latency="50ms")
plan = RNNAdvisor(budget=limits).plan(n_samples=5000, sequence_length=50, n_channels=4)
assert (plan.action, plan.cell) == ("recommend", "gru"), plan
str(plan), plan.to_json()
try:
    RNNAdvisor(budget=Budget(memory="1MB")).plan(n_samples=5000, sequence_length=50)
except NoCellFitsError:
    pass
else:
    raise AssertionError("a megabyte is enough?")
""",
}


def test_what_loads_no_deep_learning_library(run_script):
    heavy = f"""
import sys
for name, code in {LIGHT!r}.items():
    exec(code)
    loaded = sorted({HEAVY_LIBRARIES!r} & set(sys.modules))
    print(f"{{name}}: {{loaded}}")
"""
    assert run_script(heavy).splitlines() == [f"{name}: []" for name in LIGHT]


def test_imports_keep_the_contracts():
    pytest.importorskip("importlinter", reason="import-linter is in the lint group: make lint")
    config = PROJECT / "pyproject.toml"
    code = (
        "import sys; from importlinter.cli import lint_imports as lint; sys.exit(lint(sys.argv[1]))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code, str(config)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_every_folder_with_code_is_a_package():
    folders = {path.parent for path in FILES}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def export_order(name):
    """Sort as ruff does (RUF022): CONSTANTS, then Classes, then everything else."""
    return (not name.isupper(), not name[0].isupper(), name)


@pytest.mark.parametrize("name", PACKAGES)
def test_exports_are_sorted_and_importable(name):
    package = importlib.import_module(name)
    exports = list(getattr(package, "__all__", []))

    assert exports == sorted(set(exports), key=export_order)
    assert [export for export in exports if not hasattr(package, export)] == []
    assert set(exports) <= set(dir(package))


def test_the_front_door_offers_the_estimators_and_the_advisor():
    assert {"RNNAdvisor", "RNNClassifier", "RNNRegressor"} <= set(rnnselect.__all__)
