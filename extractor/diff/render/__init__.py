"""A difference in words, JSON, Markdown and HTML."""
