"""What is run: one comparison of two cells, from the user's data to a recommendation.

- `candidates`: one estimator for each cell, and what training it consists of.
- `splits`: the splits of all pairs, and which samples depend on each other.
- `data`: checks the data and describes them.
- `scoring`: the user's scorer, in its units and in points.
- `problem`: what is known before anything is trained, and the plan that follows.
- `timing`: the clock of one call, and what still fits into its budget.
- `pairs`: trains and scores both cells on one split.
- `flow`: plan, probe, race, recommendation.

The only place where the half that decides (`advice`) and the half that trains (`recurrent`) meet.
"""
