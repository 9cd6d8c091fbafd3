"""What the data is: every kind of sequence, read once into one frozen record.

- `containers`: the door for every container: values, missing ones as NaN, and column names.
- `masks`: what masked arrays hide becomes missing values.
- `carried`: arrays that know the names of their channels and what their windows were.
- `form`: the form that X had in `fit`, to which later calls are held.
- `validation`: all checks of X, and the reading of every accepted form into a `SequenceBatch`.
- `batch`: the record, and the padded blocks that training and prediction take from it.
- `lengths`: the few padded lengths (buckets) that ragged sequences are trained at.
- `scaling`: centre and scale of each channel; `moments` computes them in one pass.
- `windows`: does this look like overlapping windows of one series?
- `profile`: the sizes and properties that the advice looks at.
"""
