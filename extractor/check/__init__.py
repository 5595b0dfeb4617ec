"""Pages under a linter, and what can be fixed in them."""
