"""What is run: one comparison of two cells, from the user's data to a recommendation.

- `setting`: what the advisor's parameters mean.
- `candidates`: one estimator for each cell, out of whatever the network sits in.
- `work`: what training each cell consists of.
- `metadata`: weights, groups and the like, and where each of it goes.
- `splits`: the splits of all pairs, and which samples depend on each other.
- `data`: checks the data and describes them.
- `scoring`: the user's scorer, in its units and in points.
- `problem`: what is known before anything is trained, and the plan that follows.
- `timing`: the clock of one call, and what still fits into its budget.
- `pairs`: trains and scores both cells on one split; `finished_fit` is what it remembers of each.
- `checkpoint`: a folder of finished fits, from which a later call goes on; `fit_file` is one of
  them, `identity` what decides it.
- `baselines`: the simple models of a comparison, on the same folds; `steps_before` fits what stands
  before the networks in a pipeline.
- `truncation`: which fits a deadline has ended, and what budget would do.
- `shortage`: a candidate that runs out of memory leaves, and the others go on.
- `flow`: plan, probe, race, recommendation.
- `progress`: what a running comparison is at, for whoever shows it.
- `default_network`: a default network as plain values, to plan without scikit-learn.
- `results`: the race in the form of `GridSearchCV.cv_results_`.
- `chosen`: what the advisor does with the chosen cell.

The only place where the half that decides (`advice`) and the half that trains (`recurrent`) meet.
"""
