"""Records: a user's own JSON Schema, filled from pages."""
