"""Where the values of a YAML document stand."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from extractor.frontmatter.values import TextRange, Unreadable
from extractor.frontmatter.yaml.parsers import choose_loader, choose_shields


def find_places(text: str) -> dict[tuple[str | int, ...], TextRange]:
    """Find where each value of a YAML document stands that `read_yaml` has read.

    Returns:
        The places by the keys and positions from the top; empty if it takes `read_yaml`'s
        leniency to read it.
    """
    text = text.translate({ord(other): shield for other, shield in choose_shields(text).items()})
    try:
        root = yaml.compose(text, Loader=choose_loader(text))
    except (yaml.YAMLError, Unreadable):
        return {}
    return dict(_iter_places(root, (), set()))


def _iter_places(
    node: yaml.Node | None, path: tuple[str | int, ...], seen: set[int]
) -> Iterator[tuple[tuple[str | int, ...], TextRange]]:
    """Yield the place of a value and of those in it; what an alias repeats is not opened again."""
    if path and node is not None:
        start, end = node.start_mark, node.end_mark
        yield path, TextRange(start.line, start.column, end.line, end.column)
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield from _iter_places(value, (*path, key.value), seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _iter_places(value, (*path, number), seen)
