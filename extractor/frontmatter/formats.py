"""The formats of front matter: python-frontmatter's handlers, made safe.

The one door to python-frontmatter. Its handlers tell the formats apart and cut the
front matter off. What reads it is replaced: PyYAML's loader, ``toml`` (no longer
kept, and optional) and Python's own values are not for pages that anyone may write.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, cast

from frontmatter import detect_format
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from extractor.frontmatter.json import find_json_end, find_json_places, read_json
from extractor.frontmatter.places import ValuePlace
from extractor.frontmatter.toml import find_toml_places, read_toml
from extractor.frontmatter.values import ValueProblem
from extractor.frontmatter.yaml.reading import find_yaml_places, read_yaml


class Handler(Protocol):
    """What is known of one format.

    Attributes:
        refuses_controls: Whether the format allows no C1 controls in its values.
    """

    refuses_controls: bool

    def split(self, text: str) -> tuple[str, str]:
        """Cut the front matter off a text that begins with it."""

    def load(self, fm: str) -> tuple[Any, list[ValueProblem]]:
        """Read the values, and the problems with them."""

    def find_places(self, text: str) -> ValuePlace:
        """Find where the values stand in a text that `load` has read."""


class _Yaml(YAMLHandler):
    """YAML between `---` or `---yaml` and `---` or `...`."""

    FM_BOUNDARY = re.compile(r"\A---yaml[ \t]*$|^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)

    def load(self, fm: str, **_: object) -> Any:
        return read_yaml(fm)

    find_places = staticmethod(find_yaml_places)
    refuses_controls = True


class _Toml(BaseHandler):
    """TOML between `+++` lines."""

    FM_BOUNDARY = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)

    def load(self, fm: str) -> Any:
        return read_toml(fm)

    find_places = staticmethod(find_toml_places)
    refuses_controls = False


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

    find_places = staticmethod(find_json_places)
    refuses_controls = False


class _FencedJson(BaseHandler):
    """JSON between `;;;` lines, with or without the brackets of the object."""

    FM_BOUNDARY = re.compile(r"^;;;[ \t]*$", re.MULTILINE)

    def load(self, fm: str) -> Any:
        # Nothing else stands on the line of the brackets: places in the text stay true.
        return read_json(fm if fm.lstrip().startswith("{") else "{" + fm + "}")

    find_places = staticmethod(find_json_places)
    refuses_controls = False


_HANDLERS: tuple[Handler, ...] = (_Yaml(), _Toml(), _FencedJson(), _Json())


def split_metadata(text: str) -> tuple[Handler, str, str]:
    """Cut the front matter off a text that begins with it.

    Returns:
        Its handler, the front matter without its delimiter lines (but with the line
        end of the first, so that lines count from the opening), and the rest.

    Raises:
        ValueError: If it never ends.
        Unreadable: If it is nested too deeply.
    """
    handlers = cast("tuple[BaseHandler, ...]", _HANDLERS)
    handler = cast("Handler | None", detect_format(text, handlers))
    if handler is None:
        raise ValueError("no front matter begins here")
    return handler, *handler.split(text)
