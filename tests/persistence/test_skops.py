"""skops stores the estimators too: they hold plain arrays where Keras has objects."""

import numpy as np
import pytest

skops_io = pytest.importorskip("skops.io", reason="skops is in the test group")

from rnnselect import RNNClassifier  # noqa: E402


@pytest.mark.filterwarnings("ignore:max_seconds")
def test_round_trip(data):
    idle = {"max_seconds": 1e-9, "early_stopping": False, "random_state": 0}
    clf = RNNClassifier(units=3, batch_size=16, **idle).fit(data.panel, data.classes)
    content = skops_io.dumps(clf)
    types = skops_io.get_untrusted_types(data=content)
    assert all(name.startswith("rnnselect.") for name in types)
    loaded = skops_io.loads(content, trusted=types)
    np.testing.assert_array_equal(loaded.predict_proba(data.panel), clf.predict_proba(data.panel))
