"""One long series: cut into windows, split without leaks, and continued into the future."""
