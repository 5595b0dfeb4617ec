"""Diagnostics as a linter reports them, and the fixes they offer."""
