"""
Equal units or equal parameters?
================================

With the same number of units an LSTM has a third more weights than a GRU. Whether that is an unfair
advantage or the point of an LSTM is a question of taste; the advisor compares either way.
"""

from rnnselect import PosteriorDisplay, RNNAdvisor, RNNClassifier
from rnnselect.cells import CELLS, units_with_parameters
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()
n_channels, units = X.shape[2], 24

# %%
# By arithmetic:

for name, cell in CELLS.items():
    print(f"{name.upper()}, {units} units: {cell.n_parameters(units, n_channels):,} parameters")
wanted = CELLS["lstm"].n_parameters(units, n_channels)
print(f"GRU with as many: {units_with_parameters('gru', wanted, n_channels)} units")

# %%
# By measurement. A picture each: what is believed of the difference.

for match in ("units", "parameters"):
    network = RNNClassifier(cell="lstm", units=units, epochs=15)
    advisor = RNNAdvisor(network, match=match, random_state=0)
    found = advisor.recommend(X[:1200], y[:1200])
    print(f"equal {match}: {found.headline}")
    print(f"   {found.gap_points:+.2f} points for LSTM; {found.probabilities}")
    PosteriorDisplay.from_recommendation(found)
