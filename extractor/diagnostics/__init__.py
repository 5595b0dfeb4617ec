"""The rules, and which of them are asked for."""
