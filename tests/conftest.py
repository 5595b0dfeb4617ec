"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# CI runs the same examples every time; at a desk, each run tries new ones.
settings.register_profile("ci", derandomize=True, database=None, print_blob=True)
if "CI" in os.environ:
    settings.load_profile("ci")
