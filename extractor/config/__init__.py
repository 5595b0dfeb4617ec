"""Settings that stand in a file."""
