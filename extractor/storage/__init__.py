"""Files and URLs: where pages are found, read and written."""
