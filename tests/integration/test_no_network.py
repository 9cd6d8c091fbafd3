"""Nothing is fetched and nothing is reported home, from import to report."""

import json

import pytest

# An audit hook sees every use of a socket, whoever makes it, and cannot be taken away.
WITHOUT_NETWORK = """
import json, sys
from pathlib import Path

attempts = []

def refuse(event, arguments):
    # urllib3, which TensorFlow imports, tries by an address of its own whether there is IPv6.
    own = event == "socket.bind" and arguments[1] == ("::1", 0)
    allowed = own or event in {"socket.__new__", "socket.gethostname"}
    if event.startswith("socket.") and not allowed:
        attempts.append(f"{event} {arguments}")
        raise OSError(f"there is no network: {event}")

sys.addaudithook(refuse)

import numpy as np
import rnnselect
from rnnselect.cli import app

folder = Path(sys.argv[1])
X = np.random.default_rng(0).normal(size=(40, 5, 1))
y = np.where(X.mean(axis=(1, 2)) > 0, "up", "down")
np.savez(folder / "data.npz", X=X, y=y)

network = rnnselect.RNNClassifier(units=2, epochs=1, batch_size=16, random_state=0)
advisor = rnnselect.RNNAdvisor(network, cv=2, baseline=False, random_state=0)
advisor.plan(X, y)
advisor.fit(X, y).recommendation_.report(folder / "report.html")
advisor.save(folder / "advised.rnnselect")
rnnselect.load(folder / "advised.rnnselect").predict(X)
for arguments in (["plan", "--samples", "40", "--length", "5"],
                  ["predict", str(folder / "advised.rnnselect"), str(folder / "data.npz"),
                   "--out", str(folder / "predictions.csv")]):
    app(arguments, standalone_mode=False)
print(json.dumps(attempts))
"""


@pytest.mark.slow
def test_no_network_is_used(run_script, tmp_path):
    *_, attempts = run_script(WITHOUT_NETWORK, tmp_path).splitlines()
    assert json.loads(attempts) == []
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 41
    assert "default-src 'none'" in (tmp_path / "report.html").read_text()  # nor by the browser


def test_the_hook_sees_what_it_should(run_script, tmp_path):
    hook = WITHOUT_NETWORK.partition("import numpy")[0]
    code = (
        hook
        + """
import socket, urllib.request
for use in (lambda: urllib.request.urlopen("http://localhost:9"),
            lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", 9))):
    try:
        use()
    except OSError:
        pass
print(json.dumps([attempt.split()[0] for attempt in attempts]))
"""
    )
    seen = json.loads(run_script(code, tmp_path))
    assert set(seen) == {"socket.getaddrinfo", "socket.sendto"}
