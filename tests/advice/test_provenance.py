import platform

import numpy as np

import rnnselect
from rnnselect.advice.provenance import installed_versions


def test_versions_are_those_that_run_and_nothing_is_imported_for_them(run_script):
    found = installed_versions()
    assert found["rnnselect"] == rnnselect.__version__
    assert found["Python"] == platform.python_version()
    assert found["NumPy"] == np.__version__
    assert {"TensorFlow", "Keras", "scikit-learn"} <= set(found)
    run_script(
        "import sys\n"
        "from rnnselect.advice.provenance import installed_versions\n"
        "assert installed_versions()['TensorFlow']\n"
        "assert not {'tensorflow', 'keras', 'matplotlib', 'jinja2'} & set(sys.modules)\n"
    )
