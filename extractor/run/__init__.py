"""A whole run: pages to workers, results to files."""
