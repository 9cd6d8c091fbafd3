"""Pictures as scikit-learn's Display objects: made from a result, drawn by `plot`."""
