"""The formats of front matter: python-frontmatter's handlers, made safe.

The one door to python-frontmatter. Its handlers tell the formats apart and cut the
front matter off. What reads it is replaced: PyYAML's loader, ``toml`` (no longer
kept, and optional) and Python's own values are not for pages that anyone may write.
``load`` gives a pair, the values and the problems with them.
"""

from __future__ import annotations

import re
from typing import Any

from frontmatter import detect_format
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from extractor.frontmatter.json import find_json_end, read_json
from extractor.frontmatter.toml import read_toml
from extractor.frontmatter.yaml.reading import read_yaml


class _Yaml(YAMLHandler):
    """YAML between `---` and `---` or `...`."""

    FM_BOUNDARY = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)

    def load(self, fm: str, **_: object) -> Any:
        return read_yaml(fm)


class _Toml(BaseHandler):
    """TOML between `+++` lines."""

    FM_BOUNDARY = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)

    def load(self, fm: str) -> Any:
        return read_toml(fm)


class _Json(JSONHandler):
    """A JSON object; its own brackets say where it ends, not a line with a brace."""

    FM_BOUNDARY = re.compile(r"\{")

    def split(self, text: str) -> tuple[str, str]:
        end = find_json_end(text)
        if end is None:
            raise ValueError("the object never ends")
        return text[:end], text[end:]

    def load(self, fm: str, **_: object) -> Any:
        return read_json(fm)


_HANDLERS: tuple[BaseHandler, ...] = (_Yaml(), _Toml(), _Json())


def split_metadata(text: str) -> tuple[BaseHandler, str, str]:
    """Cut the front matter off a text that begins with it.

    Returns:
        Its handler, the front matter without its delimiter lines (but with the line
        end of the first, so that lines count from the opening), and the rest.

    Raises:
        ValueError: If it never ends.
        Unreadable: If it is nested too deeply.
    """
    handler = detect_format(text, _HANDLERS)
    if handler is None:
        raise ValueError("no front matter begins here")
    return handler, *handler.split(text)
