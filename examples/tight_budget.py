"""
A tight budget
==============

The same question with less and less time. The advice never takes longer than the budget; what it
rests on changes, and it says so.
"""

from rnnselect import DecisionMapDisplay, RNNAdvisor, RNNClassifier
from rnnselect.datasets import load_digits_sequences

X, y = load_digits_sequences()
network = RNNClassifier(epochs=30)

# %%
# Without training anything: what would be done with which budget?

for budget in ("3s", "10s", "30s", "5min"):
    plan = RNNAdvisor(network, budget=budget, random_state=0).plan(X, y)
    print(f"{budget:>5}: {plan.action}, {plan.n_pairs} pairs")

# %%
# The same question for any number of sequences:

DecisionMapDisplay.from_advisor(RNNAdvisor(network), sequence_length=8, n_channels=8, n_outputs=10)

# %%
# With three seconds no pair is run: the advice is a default, and marked as such.

print(RNNAdvisor(network, budget="3s", random_state=0).recommend(X, y), "\n")

# %%
# With thirty seconds there is a race.

found = RNNAdvisor(network, budget="30s", random_state=0).recommend(X, y)
print(found)
print(f"\nused {found.actual_seconds:.1f} of {found.budget_seconds:.0f} s")
