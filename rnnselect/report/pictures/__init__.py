"""Pictures of plain dicts on matplotlib axes: one picture, one file."""
