"""The side of skorch and PyTorch. Each function prepares, and returns the work that is timed."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch._dynamo  # some 800 modules, which the first optimizer would load inside the clock
from sklearn.model_selection import cross_val_score
from skorch import NeuralNetClassifier
from tasks import ADAM_EPSILON, LEARNING_RATE, N_CLASSES, Task, folds

LAYERS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


class Network(torch.nn.Module):
    """One recurrent layer, and a dense head on its last output."""

    def __init__(self, cell: str, n_channels: int, units: int) -> None:
        super().__init__()
        self.recurrent = LAYERS[cell](n_channels, units, batch_first=True)
        self.head = torch.nn.Linear(units, N_CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.recurrent(x)
        return self.head(outputs[:, -1])


def n_parameters(task: Task) -> list[int]:
    """Count the trainable parameters of each cell's network.

    PyTorch's LSTM adds two bias vectors to each other where Keras' has one; the second, which
    changes nothing that the network can learn, is not counted.
    """
    counts = []
    for cell in task.cells:
        named = Network(cell, task.n_channels, task.units).named_parameters()
        counts.append(
            sum(p.numel() for name, p in named if cell != "lstm" or "bias_hh" not in name)
        )
    return counts


def cv(task: Task) -> Callable[[], dict]:
    """Cross-validate each cell with scikit-learn, on as many threads as PyTorch takes."""
    X, y = task.data()

    def work() -> dict:
        scores = {}
        for cell in task.cells:
            estimator = NeuralNetClassifier(
                Network,
                module__cell=cell,
                module__n_channels=task.n_channels,
                module__units=task.units,
                criterion=torch.nn.CrossEntropyLoss,
                optimizer=torch.optim.Adam,
                optimizer__eps=ADAM_EPSILON,
                lr=LEARNING_RATE,
                batch_size=task.batch_size,
                max_epochs=task.epochs,
                iterator_train__shuffle=True,
                train_split=None,
                verbose=0,
            )
            scores[cell] = cross_val_score(
                estimator, X, y, cv=folds(task), scoring="accuracy", error_score="raise"
            ).mean()
        return {"scores": scores, "n_parameters": lambda: n_parameters(task)}

    return work
