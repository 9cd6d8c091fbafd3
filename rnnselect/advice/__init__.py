"""What is decided: which cell to recommend, how many pairs to run first, and what to say.

Nothing here trains a network or reads a clock. In the order of the flow, all gaps in points and
as score of the second cell minus score of the first:

- ``points``: scores of any scorer become points, floored at the dummy prediction.
- ``evidence``: published comparisons, which are shown.
- ``study``: our own comparisons of both cells on many data sets, and the prior that they support.
- ``cost``: what pairs, compilation and refit are forecast to cost.
- ``prior``: belief about the gap, and about the noise of one pair.
- ``baseline``: simple models on the same folds, which the networks have to beat; what they read is
  made in ``baseline_features`` (``interval_quantiles`` of series for trees), what they cost is
  predicted in ``baseline_cost``, and ``naive_forecast`` repeats values of a window.
- ``noise``: the noise of one pair, from its own test samples.
- ``overlap``: which noise pairs share, because their splits test the same rows.
- ``posterior``: prior and pairs give what is known of the gap now.
- ``value``: what further pairs are expected to gain.
- ``verdict``: what was found, why no more were run, which cell to take.
- ``rules``: what a race keeps to, as its user set it.
- ``race``: run pairs until more of them cannot be expected to change the advice.
- ``recommendation``: what is said at the end; ``changes``: what would change it.
- ``search``: the same verdict, read from a finished search over cells.
"""
