"""What a record schema will never get from any page, though it can be used.

A schema may be good JSON Schema, with sound annotations, and still wait for
values that can't come. These are the findings of `extractor schema FILE` that
`run` does not stop at.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractor.records.schema.annotations import KEYWORD, TAKES, ExtractRule
from extractor.records.schema.cost import find_slow_recursion
from extractor.records.schema.fields import (
    CODE_NAMES,
    ITEM_NAMES,
    LINK_NAMES,
    TAKE_SHAPES,
    UNSET,
    CompiledSchema,
    Field,
)
from extractor.records.schema.problems import SchemaProblem
from extractor.records.schema.references import Bundle, iter_subschemas
from extractor.records.schema.repetition import find_nested_repetition
from extractor.wording import find_similar, suggest


def find_gaps(bundle: Bundle, compiled: CompiledSchema) -> list[SchemaProblem]:
    """Find what no page can fill, and annotations that nothing reads."""
    root = compiled.root
    problems = [*_check_field(root), *_check_required(bundle, root)]
    if root.kind == "object" and not root.is_filled:
        message = f"no property has {KEYWORD}: every record will be empty"
        problems.append(SchemaProblem("", message, fatal=False))
    return [
        *problems,
        *_check_annotations(bundle, root),
        *find_slow_recursion(bundle),
        *_check_repetition(bundle),
    ]


def _check_repetition(bundle: Bundle) -> Iterator[SchemaProblem]:
    """Find regexes that other validators may never come back from."""
    for place, schema in iter_subschemas(bundle.schema):
        patterns = schema.get("patternProperties")
        keys = list(patterns) if isinstance(patterns, dict) else []
        for keyword, source in [("pattern", schema.get("pattern"))] + [
            ("patternProperties", key) for key in keys
        ]:
            if isinstance(source, str) and (part := find_nested_repetition(source)):
                message = (
                    f"{part} repeats what is nothing but repetitions: other validators may take "
                    "twice as long for every character"
                )
                yield SchemaProblem(bundle.locate((*place, keyword)), message, fatal=False)


def _check_annotations(bundle: Bundle, root: Field) -> Iterator[SchemaProblem]:
    """Find annotations that are misspelt, or stand where nothing reads them."""
    used = {place for field in _iter_fields(root) for place in field.annotations}
    for place, schema in iter_subschemas(bundle.schema):
        for keyword in schema:
            if keyword == KEYWORD and place not in used:
                message = "stands where no value is filled from; is it inside a list or a branch?"
            elif keyword != KEYWORD and find_similar(keyword, [KEYWORD], 0.8):
                message = f'unknown keyword "{keyword}"{suggest(keyword, [KEYWORD])}'
            else:
                continue
            yield SchemaProblem(bundle.locate((*place, keyword)), message, fatal=False)


def _iter_fields(field: Field) -> Iterator[Field]:
    yield field
    for part in field.fields.values():
        yield from _iter_fields(part)
    if field.entry is not None:
        yield from _iter_fields(field.entry)


def _check_field(root: Field) -> Iterator[SchemaProblem]:
    for field in _iter_fields(root):
        for rule in field.rules:
            if rule.match:
                yield from _check_groups(rule, field)
            elif rule.take and field.shape not in TAKE_SHAPES[rule.take]:
                yield _report_take(rule, field)


def _report_take(rule: ExtractRule, field: Field) -> SchemaProblem:
    able = [take for take in TAKES if field.shape in TAKE_SHAPES[take]]
    hint = f"; {', '.join(able)} can" if able else ""
    message = f'"{rule.take}" can\'t give {_describe_shape(field)}{hint}'
    return SchemaProblem(f"{rule.pointer}/take", message, fatal=False)


def _check_groups(rule: ExtractRule, field: Field) -> Iterator[SchemaProblem]:
    """Check that the groups of a regex are properties of the object they are to fill."""
    owner = field.entry if field.shape == "list of object" else field
    if rule.match is None or owner is None or owner.kind != "object":
        return
    if not rule.match.groups:
        message = "fills an object, and so needs named groups: (?P<name>…)"
        yield SchemaProblem(f"{rule.pointer}/match", message, fatal=False)
    for name in rule.match.groups:
        if name not in owner.fields:
            message = f'there is no property "{name}" for the group of that name'
            yield SchemaProblem(f"{rule.pointer}/match", message, fatal=False)


def _check_required(bundle: Bundle, holder: Field) -> Iterator[SchemaProblem]:
    """Find required properties that nothing can fill, in an object and those within it.

    Args:
        bundle: The schema.
        holder: The object, or a list of objects.
    """
    owner = holder.entry if holder.entry is not None else holder
    for part in owner.fields.values():
        if part.is_filled and part.shape in ("object", "list of object"):
            yield from _check_required(bundle, part)
    for name in sorted(owner.required):
        field = owner.fields.get(name)
        if field is not None and (field.is_filled or field.default is not UNSET):
            continue
        if not any(_can_give(rule, name, holder) for rule in holder.rules):
            message = f'"{name}" is required, but has neither {KEYWORD} nor a default'
            place = owner.location if field is None else field.location
            yield SchemaProblem(bundle.locate(place), message, fatal=False)


def _can_give(rule: ExtractRule, name: str, holder: Field) -> bool:
    """Tell whether a rule of objects may fill a property without a rule of its own."""
    if rule.metadata or rule.document:
        return True
    if rule.match:
        return name in rule.match.groups
    match rule.take:
        case "links":
            return name in LINK_NAMES
        case "code":
            return name in CODE_NAMES
        case "items" | "definitions" if holder.entry is not None:
            return name in (*ITEM_NAMES, holder.entry.text_name)
        case "heading" | "sections":
            return False
    return True


def _describe_shape(field: Field) -> str:
    types = (field.entry.types if field.entry else ()) if field.kind == "list" else field.types
    word = next((name for name in types if name != "null"), "value")
    if field.kind == "list":
        return f"a list of {'lists' if word == 'array' else word + 's'}"
    return f"an {word}" if word[0] in "aeio" else f"a {word}"
