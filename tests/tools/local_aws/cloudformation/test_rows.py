from contextlib import suppress
from unittest.mock import Mock

import boto3
import pytest

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.finding import reading
from tools.local_aws.cloudformation.resource_types import ROWS
from tools.local_aws.cloudformation.row import Row, Work
from tools.local_aws.cloudformation.schemas import resource_schema


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session(region_name="us-east-1")


def properties_of(row: Row) -> set[str]:
    schema = resource_schema(row.type_name)
    assert schema is not None, f"AWS has no type {row.type_name}"
    return set(schema.properties)


each_row = pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.type_name)


@each_row
def test_every_operation_exists(row: Row, session: boto3.Session) -> None:
    operations = set(session.client(row.service).meta.service_model.operation_names)
    tagging = (row.tagging.add, row.tagging.remove) if row.tagging else ()
    read = row.read.operation if row.read else None
    named = {row.create, row.update, row.delete, read, *tagging} - {None}
    assert named <= operations


@each_row
def test_every_identifying_member_is_one_of_an_operation(row: Row, session: boto3.Session) -> None:
    model = session.client(row.service).meta.service_model
    shapes = [model.operation_model(name).input_shape for name in model.operation_names]
    members = {member for shape in shapes if shape for member in shape.members}
    assert set(row.identity) <= members


@each_row
def test_every_property_it_speaks_of_is_one_of_the_type(row: Row) -> None:
    spoken_of = {*row.renamed, *row.ignored, *row.attributes}
    spoken_of |= {name for setting in row.settings for name in setting.properties}
    if row.name:
        spoken_of.add(row.name.property)
    assert spoken_of <= properties_of(row)


@each_row
def test_what_it_ignores_has_a_reason(row: Row) -> None:
    assert all(len(why) > 20 for why in row.ignored.values())


# The service itself refuses a second one.
_FOUND_BY_CREATION = {
    "AWS::EC2::SecurityGroup",
    "AWS::IAM::ManagedPolicy",
}


@each_row
def test_what_has_a_name_is_found_before_it_is_made_again(row: Row, session: boto3.Session) -> None:
    """By a read that the declared properties suffice for, or by its id among the stacks' resources."""
    properties = {name: {"Name": "x"} for name in properties_of(row)}
    known = {"account": "1", "region": "r", "stack": "s", "logical": "L", "suffix": "S"}
    schema = resource_schema(row.type_name)
    assert schema is not None
    given = {name: value for name, value in properties.items() if name not in schema.read_only}
    names = [path[-1] for path in schema.paths("primaryIdentifier")]
    if row.name is None and (set(names) & schema.read_only or not names):
        return
    work = Work(row, session.client, "s", "L", given, {**known, **given}, "create", Mock())
    found = []
    with suppress(ResourceError):
        found.append(work.fill(row.reference))
    if read := reading(work):
        with suppress(ResourceError):
            texts = [work.fill(text) for text in read.arguments.values()]
            found += [*texts, *work.identity(read.operation, read.arguments)]
    assert bool(found) != (row.type_name in _FOUND_BY_CREATION)
