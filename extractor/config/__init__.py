"""How pages are extracted: options, exceptions for some pages, and the file that says so."""
