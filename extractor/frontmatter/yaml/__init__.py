"""YAML to JSON values: the one door to PyYAML."""
