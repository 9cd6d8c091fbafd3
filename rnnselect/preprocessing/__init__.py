"""From what users have to sequences: transformers and readers that stand before a network.

- `tokenizer`, `word_vectors`: documents to token ids, and vectors that others have trained
- `scaler`: standardisation by channel, whatever the lengths
- `frames`, `wide_frames`, `columns`: tables of pandas, polars and others
- `record`: what a model file says of a tokenizer and of a scaler
- `collections`: what aeon and sktime call a collection
"""
