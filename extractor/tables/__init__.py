"""Documents as tables, and their files."""
