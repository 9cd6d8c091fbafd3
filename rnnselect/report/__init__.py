"""How results are shown. Renders plain dicts and knows nothing of how they came about."""
