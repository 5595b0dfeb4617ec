"""What is repaired before anything is read in a page."""
