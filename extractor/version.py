"""The version of this package, and nothing else: whoever needs it imports nothing with it."""

__version__ = "0.1.0"
