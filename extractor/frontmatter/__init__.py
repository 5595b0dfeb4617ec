"""From a page's lines to its metadata."""
