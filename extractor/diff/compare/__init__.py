"""Two documents compared by meaning."""
