"""The order in which the gallery shows the examples."""

FIRST = (
    "first_advice",
    "three_situations",
    "tight_budget",
    "grid_search",
    "equal_parameters",
    "several_candidates",
    "text_chapters",
    "ragged_digits",
    "forecasting",
    "next_symbol",
    "counting",
    "when_neither_helps",
    "cluster",
)


class ReadingOrder:
    """Sorts what a reader meets first to the front; examples that are not named follow by name."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, filename):
        """Return what a file is sorted by."""
        name = filename.removesuffix(".py")
        return FIRST.index(name) if name in FIRST else len(FIRST), name
