"""What the package's doctests and all tests share."""

import pytest
from hypothesis import settings

# The machine may be busy, and no test asks how fast something is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the cache of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
