"""Every table held against the SDK it is for, and against what the sandbox can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import paths
from sandbox.api_shapes import shape_texts
from sandbox.package import ResourceType
from sandbox.packages import NAMES, package
from sandbox.schema import TypeName
from sandbox.sdk_files import schema_texts
from sandbox.sdk_schema import SdkReader
from sandbox.spec import FunctionTable, ResourceTable
from sandbox.templates import dependencies


def _resources() -> list[ResourceType]:
    found = [package(name) for name in NAMES]
    return [
        home.resource(token)
        for home in found
        for module in home.modules()
        for token in home.tables(module).resources
    ]


def _functions() -> list[tuple[str, FunctionTable]]:
    return [
        (token, table)
        for name in NAMES
        for module in package(name).modules()
        for token, table in package(name).tables(module).functions.items()
    ]


RESOURCES = _resources()
every_resource = pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.token)
every_function = pytest.mark.parametrize(
    ("token", "table"), _functions(), ids=[token for token, _ in _functions()]
)


def test_the_schema_files_are_those_of_the_installed_sdks() -> None:
    wrong = [path.name for path, text in schema_texts() if path.read_text(encoding="utf-8") != text]
    assert wrong == [], "run `python -m sandbox schema`"


def test_classes_of_one_name_in_two_modules_of_an_sdk_are_told_apart() -> None:
    reader = SdkReader("aws", "pulumi_aws")
    reader.module(["aws:elasticache/parameterGroup:ParameterGroup"])
    found = reader.module(["aws:rds/parameterGroup:ParameterGroup"])
    assert "applyMethod" in found["objects"]["ParameterGroupParameter"]


def test_the_shape_files_are_those_of_the_installed_botocore() -> None:
    wrong = [path.name for path, text in shape_texts() if path.read_text(encoding="utf-8") != text]
    assert wrong == [], "run `python -m sandbox schema`"


def _input_paths(table: ResourceTable) -> Iterator[str]:
    if table.name:
        yield table.name.property
        yield from table.name.suffix_when
    yield from table.required
    yield from table.defaults
    yield from table.limits
    for group in (*table.conflicts, *table.exactly_one, *table.at_least_one):
        yield from group
    for name, others in table.requires.items():
        yield from (name, *others)
    if table.replace:
        yield from table.replace.properties
    yield from table.write_only
    yield from (path.partition(".")[0] for path in table.inside)
    yield from table.references
    yield from table.suppress
    yield from table.read_back
    if table.protection:
        yield table.protection.property
    if table.final_snapshot:
        snapshot = table.final_snapshot
        yield from filter(None, (snapshot.identifier, snapshot.skip, snapshot.unless))
    if table.recovery:
        yield table.recovery.window_days


@every_resource
def test_every_input_a_table_names_exists_in_the_sdk(kind: ResourceType) -> None:
    missing = [path for path in _input_paths(kind.table) if not _leads_somewhere(kind, path)]
    assert missing == []


@every_resource
def test_every_property_a_table_compares_or_seals_exists_in_the_sdk(kind: ResourceType) -> None:
    table = kind.table
    named = (*table.sets, *table.json_documents, *table.ignore_case, *table.alike)
    assert [path for path in named if not _leads_somewhere(kind, path)] == []
    known = kind.schema.inputs.keys() | kind.schema.outputs.keys()
    assert [name for name in table.secrets if name not in known] == []


def _leads_somewhere(kind: ResourceType, path: str) -> bool:
    """Whether the path leads to an input; what is inside a JSON string is not the SDK's to say."""
    root, *rest = paths.parse(path)
    field = kind.schema.inputs.get(str(root))
    if field is None:
        return False
    described: TypeName = field.type
    for segment in rest:
        if segment is paths.Wildcard.JSON:
            return bool(described in ("string", "document"))
        described = _inside(kind, described, segment)
        if described is None:
            return False
    return True


def _inside(kind: ResourceType, described: TypeName, segment: paths.Segment) -> TypeName:
    if not isinstance(described, dict):
        return None
    if segment is paths.Wildcard.ELEMENT or isinstance(segment, int):
        return described.get("array")
    if "map" in described:
        return described["map"]
    field = kind.schema.objects.get(described.get("object", ""), {}).get(str(segment))
    return field.type if field else None


@every_resource
def test_a_set_is_a_list_and_a_document_a_string(kind: ResourceType) -> None:
    table = kind.table
    for path in table.sets:
        assert "array" in _type_at(kind, path), path
    for path in table.json_documents:
        assert _type_at(kind, path) in ("string", "document"), path


def _type_at(kind: ResourceType, path: str) -> TypeName:
    root, *rest = paths.parse(path)
    described: TypeName = kind.schema.inputs[str(root)].type
    for segment in rest:
        described = _inside(kind, described, segment)
    return described


@every_resource
def test_every_output_of_the_sdk_is_computed_or_declared_absent(kind: ResourceType) -> None:
    table = kind.table
    automatic = {"region", "tagsAll"}
    pure = kind.schema.outputs.keys() - kind.schema.inputs.keys() - automatic
    assert pure - table.outputs.keys() - set(table.absent) == set()


@every_resource
def test_a_table_computes_nothing_that_the_sdk_does_not_have(kind: ResourceType) -> None:
    table = kind.table
    known = kind.schema.outputs.keys() | {"id"}
    assert (table.outputs.keys() | set(table.absent)) - known == set()
    assert set(table.known_at_preview) - table.outputs.keys() == set()
    assert set(table.absent) & table.outputs.keys() == set()


@every_resource
def test_every_template_mentions_properties_that_exist(kind: ResourceType) -> None:
    templates: dict[str, Any] = {**kind.table.outputs, "id": kind.table.id}
    known = kind.schema.inputs.keys() | kind.schema.outputs.keys()
    known |= {"id", "region", "$version", "*"}
    for name in templates:
        assert dependencies(name, templates) - known == set(), name


@every_resource
def test_every_default_fits_its_property(kind: ResourceType) -> None:
    fitting = {"string": str, "boolean": bool, "integer": int, "number": int | float}
    for name, value in kind.table.defaults.items():
        described = _type_at(kind, name)
        if isinstance(described, str):
            assert isinstance(value, fitting[described]), name


@every_resource
def test_every_reference_names_a_type_that_has_a_table(kind: ResourceType) -> None:
    for path, reference in kind.table.references.items():
        for token in reference.types:
            target = kind.package.resource(token)
            known = target.schema.outputs.keys() | target.schema.inputs.keys() | {"id"}
            assert set(reference.by) <= known, path


@every_resource
def test_what_is_made_along_is_made_by_a_type_that_has_a_table(kind: ResourceType) -> None:
    for token, made in kind.table.made_by.items():
        maker = kind.package.resource(token)
        known = maker.schema.outputs.keys() | maker.schema.inputs.keys() | {"id"}
        assert dependencies("it", {"it": [made.id, *made.properties.values()]}) - {"it"} <= known
        assert made.properties.keys() <= kind.schema.outputs.keys()


@every_resource
def test_every_function_a_table_names_exists(kind: ResourceType) -> None:
    table = kind.table
    names = {*table.checks, *table.cloud_checks, *table.update_checks, *table.suppress.values()}
    names |= {*table.read_back.values(), *table.alike.values()}
    for name in names | set(_calls([*table.outputs.values(), *table.inside.values(), table.id])):
        kind.package.hook(name)


def _calls(template: Any) -> Iterator[str]:  # noqa: ANN401 - a template is any YAML
    if isinstance(template, dict):
        if "call" in template:
            yield template["call"]
        for item in template.values():
            yield from _calls(item)
    elif isinstance(template, list):
        for item in template:
            yield from _calls(item)


@every_resource
def test_a_change_that_replaces_says_how_that_is_known(kind: ResourceType) -> None:
    assert kind.table.replace is None or kind.table.replace.source
    assert kind.table.name is None or kind.table.name.max_length is None or kind.table.name.source


@every_function
def test_every_function_of_a_table_answers_by_something_that_exists(
    token: str, table: FunctionTable
) -> None:
    home = package(token.partition(":")[0])
    if table.call:
        home.hook(table.call)
    if table.find:
        found = home.resource(table.find.type)
        known = found.schema.outputs.keys() | found.schema.inputs.keys() | {"id"}
        assert set(table.find.by.values()) <= known
