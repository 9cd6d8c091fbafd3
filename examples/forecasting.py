"""
Forecasting without leakage
===========================

One long series, cut into overlapping windows. Shuffled folds would put almost the same window on
both sides of a split; `WindowSplit` keeps the order of time, and leaves a gap.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import KFold, cross_val_score

from rnnselect import RNNAdvisor, RNNRegressor, WindowSplit, forecast, make_windows

LENGTH, AHEAD = 24, 6

# %%
# Hours of a rhythm whose phase wanders, and noise that no model can know.

rng = np.random.default_rng(0)
phase = np.cumsum(2 * np.pi / 24 + rng.normal(scale=0.05, size=1500))
series = np.sin(phase) + 0.5 * np.sin(2 * phase) + rng.normal(scale=0.2, size=1500)
past, future = series[:-60], series[-60:]
X, y = make_windows(past, length=LENGTH, horizon=AHEAD)
print("windows:", X.shape, "targets:", y.shape)

# %%
# The same network, scored by folds that leak and by folds that do not.

network = RNNRegressor(epochs=15, random_state=0)
ordered = WindowSplit(3, length=LENGTH, horizon=AHEAD)
for name, cv in {"shuffled": KFold(3, shuffle=True, random_state=0), "ordered": ordered}.items():
    print(f"R2, {name} folds: {cross_val_score(network, X, y, cv=cv).mean():.3f}")

# %%
# The advisor on the folds that do not leak.

advisor = RNNAdvisor(network, cv=ordered, task="forecasting", random_state=0)
print(advisor.fit(X, y).recommendation_)

# %%
# Six steps ahead, again and again, each time from what had been seen by then.

starts = range(len(past), len(series), AHEAD)
ahead = np.concatenate([np.ravel(forecast(advisor, series[:start], AHEAD)) for start in starts])
error = np.sqrt(np.mean((ahead - future) ** 2))
print(f"error of the forecasts: {error:.3f}; deviation of the series: {series.std():.3f}")

fig, ax = plt.subplots(layout="constrained")
hours = np.arange(len(series))
ax.plot(hours[-120:], series[-120:], color="0.6", label="measured")
ax.plot(hours[-60:], ahead, label=f"forecast, {AHEAD} hours at a time")
ax.set(xlabel="hour", ylabel="value")
ax.legend()
