"""``python -m rnnselect`` is the command ``rnnselect``."""

from rnnselect.cli import app

app(prog_name="rnnselect")
