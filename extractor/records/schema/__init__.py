"""A record schema: read, checked and compiled."""
