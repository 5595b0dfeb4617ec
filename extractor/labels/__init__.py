"""The test for a label, and what it finds in a paragraph."""
