"""What a record schema finds in a document."""
