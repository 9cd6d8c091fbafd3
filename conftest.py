"""What the package's doctests and all tests share."""

import os

import pytest
from hypothesis import settings

from rnnselect.calibration_file import cache_folder
from rnnselect.program_store import KEEP_VARIABLE, LOG_LEVEL_VARIABLE

# Most of the time would be compilation. This store outlives the checkout, and processes that tests
# start use it, too; with the variable at 0 everything is compiled anew.
os.environ.setdefault(KEEP_VARIABLE, str(cache_folder() / "programs-of-tests"))
os.environ.setdefault(LOG_LEVEL_VARIABLE, "3")

# The machine may be busy, and no test asks how fast something is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the cache of whoever runs it, nor plans by the tests' programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnselect.comparison.stored.program_store", lambda: None)
        patch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
