"""Repairs of a page's lines, made before its blocks are read for good."""
