"""
On a cluster
============

The same comparison on worker processes, here two of this machine. A cluster of many machines
differs in one line only: the one that starts it.

Needs ``pip install "rnnselect[dask]"``.
"""

from distributed import Client, LocalCluster
from joblib import parallel_config

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.datasets import load_digits_sequences


def main():
    X, y = load_digits_sequences()
    advisor = RNNAdvisor(RNNClassifier(epochs=10), random_state=0)

    # Each worker gets the data once and compiles its own programs. On Slurm, ``SLURMCluster(...)``
    # of dask-jobqueue would stand here; on Kubernetes, ``KubeCluster(...)`` of dask-kubernetes.

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask"),
    ):
        found = advisor.recommend(X[:600], y[:600])
    print(found)


# %%
# Worker processes import this file, so what starts them must not run there.

if __name__ == "__main__":
    main()
