"""A record schema read from its file, with everything it refers to.

Every `$ref` becomes a JSON pointer into one schema that stands on its own:
files that are referred to are copied under its `$defs`. So nothing is fetched
later, by either validator, and never over the network.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

from extractor.pointers import parse_pointer, render_pointer
from extractor.records.schema.problems import RecordSchemaError, SchemaProblem
from extractor.schema.validation import DIALECT, check_schema
from extractor.storage.page_files import read_file

Schema = dict[str, Any]
Location = tuple[str, ...]

# JSON Schema 2020-12: the keywords whose values are schemas (core 10 and 11).
_ONE = (
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


MAX_DEPTH = 128
"""Levels of lists and objects in a schema file; 64 properties within one another."""

TOO_DEEP = SchemaProblem("", "nested too deeply")


class Bundle(NamedTuple):
    """A schema that stands on its own.

    Attributes:
        schema: The schema; every `$ref` in it is a JSON pointer into it.
        files: Where other files were copied to, with their names.
        problems: References that lead nowhere, or out onto the network.
    """

    schema: Schema
    files: dict[Location, str]
    problems: list[SchemaProblem]

    def locate(self, location: Location) -> str:
        """Write a place in the schema as its author knows it."""
        for mount, name in self.files.items():
            if location[: len(mount)] == mount:
                return f"{name}#{render_pointer(location[len(mount) :])}"
        return render_pointer(location)


def read_schema(path: Path) -> Schema:
    """Read a schema file.

    Raises:
        RecordSchemaError: If it is missing, no regular file, not JSON (with its line), no
            object, or nested too deeply.
    """
    try:
        schema = json.loads(read_file(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordSchemaError(
            str(path), [SchemaProblem("", f"can't be read: {reason}")]
        ) from None
    except json.JSONDecodeError as error:
        problem = SchemaProblem("", f"not JSON: {error.msg} at column {error.colno}")
        raise RecordSchemaError(str(path), [problem], error.lineno) from None
    except UnicodeDecodeError:
        raise RecordSchemaError(
            str(path), [SchemaProblem("", "not JSON: no Unicode text")]
        ) from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        problem = SchemaProblem("", "not JSON that can be read: a number is too long")
        raise RecordSchemaError(str(path), [problem]) from None
    except RecursionError:
        raise RecordSchemaError(str(path), [TOO_DEEP]) from None
    if not isinstance(schema, dict):
        raise RecordSchemaError(str(path), [SchemaProblem("", "a record schema is a JSON object")])
    if is_too_deep(schema):
        raise RecordSchemaError(str(path), [TOO_DEEP])
    return schema


def is_too_deep(value: Any) -> bool:
    """Tell whether lists and objects are nested in more than `MAX_DEPTH` levels."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            part
            for holder in level
            for part in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def bundle_schema(schema: Schema, path: Path | None = None) -> Bundle:
    """Gather a schema and what it refers to into one.

    Args:
        schema: The schema; it is not changed.
        path: Its file; None if it has none, and then may not refer to other files.
    """
    return _Bundler(schema, path).bundle()


def iter_subschemas(schema: Any, location: Location = ()) -> Iterator[tuple[Location, Schema]]:
    """Yield a schema and every schema within it that stands where one may, with its place."""
    if not isinstance(schema, dict):
        return
    yield location, schema
    for place, part in iter_children(schema):
        yield from iter_subschemas(part, (*location, *place))


def iter_children(schema: Schema) -> Iterator[tuple[Location, Any]]:
    """Yield what stands straight below a schema where a schema may, with its place."""
    for keyword in _ONE:
        if keyword in schema:
            yield (keyword,), schema[keyword]
    for keyword in _LIST:
        parts = schema.get(keyword)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            yield (keyword, str(number)), part
    for keyword in _NAMED:
        named = schema.get(keyword)
        for name, part in named.items() if isinstance(named, dict) else ():
            yield (keyword, name), part


def look_up(schema: Any, location: Location) -> Any:
    """Return what stands at a place in a schema.

    Raises:
        LookupError: If nothing does.
    """
    for part in location:
        if isinstance(schema, dict):
            schema = schema[part]
        elif isinstance(schema, list) and part.isdecimal() and int(part) < len(schema):
            schema = schema[int(part)]
        else:
            raise LookupError(part)
    return schema


class _Resource:
    """A schema file while it is bundled."""

    def __init__(self, schema: Schema, path: Path | None, mount: Location) -> None:
        self.schema = copy.deepcopy(schema)
        self.path = path
        self.real_path = path.resolve() if path else None
        self.mount = mount
        self.base = str(schema.get("$id", ""))
        self.ids: dict[str, Location] = {}
        self.anchors: dict[str, Location] = {}
        self.visited: set[Location] = set()
        self.started: set[Location] = set()
        for location, part in iter_subschemas(self.schema):
            self._take_names(location, part)

    def _take_names(self, location: Location, part: Schema) -> None:
        """Note a schema's names, and drop those that would move the base of references."""
        if isinstance(name := part.pop("$id", None), str):
            self.ids[urldefrag(urljoin(self.base, name))[0]] = location
        if isinstance(name := part.pop("$anchor", None), str):
            self.anchors[name] = location
        if location or self.mount:
            part.pop("$schema", None)


class _Bundler:
    def __init__(self, schema: Schema, path: Path | None) -> None:
        self._root = _Resource(schema, path, ())
        self._folder = path.parent.resolve() if path else None
        self._resources = [self._root]
        self._problems: list[SchemaProblem] = []

    def bundle(self) -> Bundle:
        self._check_dialect()
        for resource in self._resources:  # grows while files are found
            self._visit(resource, ())
        files = {}
        for resource in self._resources[1:]:
            files[resource.mount] = resource.path.name if resource.path else ""
            self._root.schema.setdefault("$defs", {})[resource.mount[1]] = resource.schema
        return Bundle(self._root.schema, files, self._problems)

    def _check_dialect(self) -> None:
        dialect = self._root.schema.get("$schema", DIALECT)
        self._root.schema["$schema"] = DIALECT
        if str(dialect).rstrip("#") != DIALECT:
            message = f"is read as JSON Schema 2020-12, not as {dialect}"
            self._problems.append(SchemaProblem("/$schema", message, fatal=False))

    def _visit(self, resource: _Resource, start: Location) -> None:
        """Rewrite every reference in a part of a resource, and in what they lead to."""
        if start in resource.started:
            return
        resource.started.add(start)
        for location, part in list(iter_subschemas(look_up(resource.schema, start), start)):
            if location in resource.visited:
                continue
            resource.visited.add(location)
            if not str(part.get("$dynamicRef", "#")).startswith("#"):
                message = "$dynamicRef may only lead to the same file"
                self._problems.append(SchemaProblem(self._name(resource, location), message))
                del part["$dynamicRef"]
            if isinstance(part.get("$ref"), str):
                self._rewrite(resource, location, part)

    def _rewrite(self, resource: _Resource, location: Location, part: Schema) -> None:
        try:
            target, inner = self._resolve(resource, part["$ref"])
            look_up(target.schema, inner)
        except (LookupError, RecordSchemaError) as error:
            message = f"$ref {part['$ref']!r} {_explain(error)}"
            self._problems.append(SchemaProblem(self._name(resource, location), message))
            del part["$ref"]
        else:
            part["$ref"] = "#" + render_pointer((*target.mount, *inner))
            self._visit(target, inner)

    def _name(self, resource: _Resource, location: Location) -> str:
        pointer = render_pointer(location)
        return f"{resource.path.name}#{pointer}" if resource.mount and resource.path else pointer

    def _resolve(self, resource: _Resource, reference: str) -> tuple[_Resource, Location]:
        """Find the file and the place in it that a reference means."""
        uri, fragment = urldefrag(reference)
        target, start = self._find_resource(resource, uri)
        if fragment.startswith("/"):
            return target, (*start, *parse_pointer(unquote(fragment)))
        if fragment:
            return target, target.anchors[fragment]
        return target, start

    def _find_resource(self, resource: _Resource, uri: str) -> tuple[_Resource, Location]:
        if not uri:
            return resource, ()
        absolute = urljoin(resource.base, uri)
        for known in self._resources:
            if absolute in known.ids:
                return known, known.ids[absolute]
        path = _find_file(resource, uri)
        real_path = path.resolve()
        for known in self._resources:
            if known.real_path == real_path:
                return known, ()
        # A schema may come from a stranger, and a message about it be read by one.
        if self._folder is None or not real_path.is_relative_to(self._folder):
            raise LookupError("leads out of the folder of this schema")
        return self._add_file(path), ()

    def _add_file(self, path: Path) -> _Resource:
        schema = read_schema(path)
        if violations := check_schema(schema):
            # No value of it is quoted: it may be any file at all.
            raise LookupError(f"is no valid schema: {render_pointer(violations[0].path)}")
        taken = {*self._root.schema.get("$defs", {}), *(r.mount[1] for r in self._resources[1:])}
        name = path.name
        while name in taken:
            name += "'"
        resource = _Resource(schema, path, ("$defs", name))
        self._resources.append(resource)
        return resource


def _find_file(resource: _Resource, uri: str) -> Path:
    """Return the local file that a reference to another schema means."""
    siblings = resource.base.rpartition("/")[0] + "/"
    if urlsplit(resource.base).scheme and uri.startswith(siblings):
        uri = uri.removeprefix(siblings)
    scheme = urlsplit(uri).scheme
    if scheme == "file":
        return Path(url2pathname(urlsplit(uri).path))
    if scheme or uri.startswith("//"):
        raise LookupError(
            "is remote, and nothing is fetched from the network; save that schema beside this "
            "one and refer to it by its file name"
        )
    if resource.path is None:
        raise LookupError("names a file, but this schema has no file it could lie beside")
    return resource.path.parent / unquote(uri)


def _explain(error: LookupError | RecordSchemaError) -> str:
    if isinstance(error, RecordSchemaError):
        return error.problems[0].message
    text = str(error.args[0])
    return text if " " in text else f"leads nowhere: there is no {text!r}"
