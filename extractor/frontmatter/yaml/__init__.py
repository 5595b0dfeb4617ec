"""YAML to JSON values, event by event: the one door to PyYAML.

Loading YAML is where a page can do harm: PyYAML's loader recurses in C (about
30,000 nested brackets end the process), lets 420 bytes of merge keys work for 16 s,
hands out sets, bytes and recursive lists, and keeps the last of two equal keys in
silence. Here the parser's events are read one by one, so that depth and size are
known before anything is built, and each value is made a JSON value at once.

Plain scalars are read as the core schema of YAML 1.2 (10.3) has it, but never at
the cost of what is written:

- ``null``, ``~`` and nothing are null; ``true`` and ``false`` (also ``True``,
  ``TRUE``) are booleans. ``yes``, ``no``, ``on``, ``off`` are text: Norway is a country.
- ``12``, ``-1.5``, ``.5``, ``1.5e3``, ``0x1F``, ``0o17`` are numbers. ``01234``,
  ``+4930123``, ``1_000``, ``1e3``, ``12:30`` and ``1.`` stay text: they are post codes,
  telephone numbers, hashes and times, and a number would not give them back.
- Dates and times are text: ``2024-01-05``; a date with a time of day is brought into
  the form of ISO 8601. An impossible one stays as it is written.

Keys are text. ``<<`` merges mappings as YAML 1.1 has it: own keys win, then the
first of several.
"""
