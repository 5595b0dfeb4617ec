"""The door to the Markdown parser: nodes with their lines, and inline content."""
