"""The schema of documents, and the door to the validators."""
