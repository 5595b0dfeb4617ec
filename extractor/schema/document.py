"""The schema of a document, made from its types, and the check against it."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import msgspec

from extractor.model import SCHEMA_NAME, Document
from extractor.pointers import render_pointer
from extractor.schema.validation import DIALECT, JsonPath, SchemaError, Validator

SCHEMA_ID = f"urn:extractor:schema:{SCHEMA_NAME.replace('/', ':')}"
"""Names the schema; nothing is to be fetched from it."""

Schema = dict[str, Any]

# What the types don't say by themselves, by the name of the field.
_DESCRIPTIONS = {
    "align": "Alignment of a column; null where the page gives none.",
    "blocks": "What stands here, in page order.",
    "bytes": "Size of the file in bytes.",
    "code": "Code of the rule, for ever: `EX` and three digits.",
    "diagnostics": "What the page's owner should know, in page order.",
    "images": "The images in the text, in page order.",
    "items": "The entries, in page order.",
    "level": "1 to 6, as of a section.",
    "links": "The links in the text, in page order.",
    "message": "What was found, in one sentence.",
    "ordered": "Whether the entries are numbered.",
    "schema": "Name and version of this format.",
    "severity": "How much it matters, in SARIF's words.",
    "sha256": "SHA-256 of the file, in hexadecimal.",
    "source": "The file the document was made from.",
    "span": "Where it stands in the file; left out with --no-spans.",
    "type": "What it holds; a block's type decides its other fields.",
}


@cache
def _build_schema() -> Schema:
    raw = msgspec.json.schema(Document)
    definitions: dict[str, Schema] = raw["$defs"]
    blocks = _find_block_types(definitions)
    finished = {name: _finish_struct(struct) for name, struct in definitions.items()}
    finished["Block"] = _build_block(blocks)
    root = finished.pop("Document")
    return {"$schema": DIALECT, "$id": SCHEMA_ID, **root, "$defs": dict(sorted(finished.items()))}


def document_schema() -> Schema:
    """Build the JSON Schema (2020-12) of a document from its types.

    ``schemas/document.schema.json`` is the printed form. A block is recognized by its
    `type`, with if and then, so that an error inside it has its own place in every
    validator, which oneOf would hide.
    """
    return msgspec.json.decode(msgspec.json.encode(_build_schema()), type=dict[str, Any])


@cache
def _document_validator() -> Validator:
    return Validator(_build_schema())


def check_document(document: Document) -> list[SchemaError]:
    """Check a document against its schema.

    Returns:
        What is wrong, sorted by place, each with the line of the nearest span;
        empty when valid.
    """
    value = msgspec.to_builtins(document)
    validator = _document_validator()
    if validator.is_valid(value):
        return []
    return [
        SchemaError(render_pointer(path), message, _find_line(value, path))
        for path, _, message in validator.explain(value)
    ]


def _find_line(value: Any, path: JsonPath) -> int | None:
    """Return the line of the innermost span on the way down `path`."""
    line = None
    for part in (*path, None):
        line = _read_line(value) or line
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            break
    return line


def _read_line(value: Any) -> int | None:
    span = value.get("span") if isinstance(value, dict) else None
    line = span.get("line") if isinstance(span, dict) else None
    return line if isinstance(line, int) and line > 0 else None


def _find_block_types(definitions: dict[str, Schema]) -> dict[str, str]:
    """Return the reference of each block's definition by its tag, in the model's order."""
    union = definitions["Section"]["properties"]["blocks"]["items"]
    mapping: dict[str, str] = union["discriminator"]["mapping"]
    return mapping


def _build_block(blocks: dict[str, str]) -> Schema:
    return {
        "title": "Block",
        "description": f"A piece of a page, one of {len(blocks)} types.",
        "type": "object",
        "properties": {"type": {"description": "Decides the other fields.", "enum": [*blocks]}},
        "required": ["type"],
        "allOf": [{"if": _is_of(tag), "then": {"$ref": ref}} for tag, ref in blocks.items()],
    }


def _is_of(tag: str) -> Schema:
    return {"type": "object", "properties": {"type": {"const": tag}}, "required": ["type"]}


def _finish_struct(struct: Schema) -> Schema:
    properties = {
        name: _finish_property(name, schema) for name, schema in struct["properties"].items()
    }
    return {
        "title": struct["title"],
        "description": inspect.cleandoc(struct["description"]).replace("\n\n", " "),
        "type": "object",
        "properties": properties,
        "required": [n for n, part in struct["properties"].items() if not _is_left_out(n, part)],
        "additionalProperties": False,
    }


def _finish_property(name: str, schema: Schema) -> Schema:
    title = name.replace("_", " ").capitalize()
    description = schema.get("description") or _DESCRIPTIONS[name]
    kept = {key: part for key, part in schema.items() if key not in ("description", "default")}
    body = dict(kept["anyOf"][0]) if _is_left_out(name, schema) else _simplify(kept)
    return {"title": title, "description": description, **body}


def _is_left_out(name: str, schema: Schema) -> bool:
    """Tell whether a field is left out where there is nothing, rather than null."""
    return name == "span" and "default" in schema


def _simplify(schema: Schema) -> Schema:
    """Rewrite unions so that the exact inner place of an error is named."""
    if "discriminator" in schema:
        return {"$ref": "#/$defs/Block"}
    if len(schema.get("enum", ())) == 1:
        return {"const": schema["enum"][0]}
    if "items" in schema:
        return {**schema, "items": _simplify(schema["items"])}
    if isinstance(inner := schema.get("additionalProperties"), dict):
        return {**schema, "additionalProperties": _simplify(inner)}
    if "anyOf" in schema:
        present, other = schema["anyOf"]
        return _allow_null(present) if other["type"] == "null" else _merge_types(present, other)
    return schema


def _merge_types(*schemas: Schema) -> Schema:
    """Write alternatives of different JSON types as one schema."""
    merged = {key: part for schema in schemas for key, part in schema.items()}
    return {**merged, "type": [schema["type"] for schema in schemas]}


def _allow_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    if "$ref" in schema:
        return {"type": ["object", "null"], "if": {"type": "object"}, "then": dict(schema)}
    return {**schema, "type": [schema["type"], "null"]}
