"""The rows: requests that AWS refuses, how it does, and where that is known from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from string import Template
from typing import Any

import yaml
from botocore import xform_name

from tools.local_aws.shapes.constraints import compiled, service_model

_FOLDER = Path(__file__).parent
_REPEATED = re.compile(r"(\d+) \* (.)")
# The code for a broken constraint, by the services' lists of errors and the recorded rows of this folder.
_GENERATED_FOR = {
    **dict.fromkeys(("cloudformation", "cloudwatch", "iam"), "ValidationError"),
    **dict.fromkeys(("budgets", "cognito-idp", "logs"), "InvalidParameterException"),
    "athena": "InvalidRequestException",
    **dict.fromkeys(
        ("application-autoscaling", "events", "glue", "kms", "sagemaker", "secretsmanager", "ssm"),
        "ValidationException",
    ),
}
_ROWS_PER_SERVICE = 40
_WRITES = ("Create", "Put", "Update", "Register", "Start", "Set", "Tag")


@dataclass(frozen=True)
class Row:
    """One request and its refusal; texts may name what exists, as `$bucket`."""

    service: str
    call: str
    request: dict[str, Any]
    code: str
    message: str
    source: str

    def fill(self, world: dict[str, str]) -> "tuple[dict[str, Any], str]":
        """The request and the message with the names of what exists."""
        return _filled(self.request, world), Template(self.message).safe_substitute(world)


def _filled(value: Any, world: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, world) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, world) for inner in value]
    if isinstance(value, str):
        repeated = _REPEATED.fullmatch(value)
        return repeated[2] * int(repeated[1]) if repeated else Template(value).safe_substitute(world)
    return value


def collected() -> dict[str, Row]:
    """The rows that people collected, by an id of their own."""
    rows: dict[str, Row] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        for source, lines in yaml.safe_load(path.read_text("utf-8")).items():
            for where, call, request, code, message in lines:
                row = Row(path.stem, call, request, code, message, f"{source}#{where}")
                number = sum(row.source == known.source for known in rows.values()) + 1
                rows[f"{path.stem}.{call}.{where}.{number}"] = row
    return rows


def generated() -> dict[str, Row]:
    """Rows of operations that write, from botocore's models."""
    made = (row for service in _GENERATED_FOR for row in islice(_of_model(service), _ROWS_PER_SERVICE))
    return {row.source.removeprefix("botocore "): row for row in made}


def _of_model(service: str) -> Iterator[Row]:
    """For each operation a row per kind of constraint: its first member with one."""
    model = service_model(service)
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        if shape is not None and operation.startswith(_WRITES):
            for kind, name, request, told in _broken(shape):
                source = f"botocore {service}.{operation}.{name}.{kind}"
                yield Row(service, xform_name(operation), request, _GENERATED_FOR[service], told, source)


def _broken(shape: Any) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    kinds: set[str] = set()
    for name, member in shape.members.items():
        where = name[:1].lower() + name[1:]
        for kind, value, told in _violations(name, member, shape):
            # boto3 itself makes an address of `EndpointId`.
            if kind not in kinds and "location" not in member.serialization and name != "EndpointId":
                kinds.add(kind)
                request = {} if value is None else {name: value}
                yield kind, name, request, f"at '{where}' failed to satisfy constraint: Member must {told}"


def _violations(name: str, member: Any, shape: Any) -> Iterator[tuple[str, Any, str]]:
    limits, kind = member.metadata, member.type_name
    if name in shape.required_members:
        yield "required", None, "not be null"
    if kind == "string" and member.enum:
        yield "enum", "NoSuchValue", "satisfy enum value set"
    elif kind == "string" and "pattern" in limits:
        fits = compiled(limits["pattern"]).fullmatch
        if wrong := next((text for text in ("!", " ", "\t") if not fits(text)), ""):
            yield "pattern", wrong, "satisfy regular expression pattern"
    if kind == "string" and 1 < limits.get("max", 0) < 3000 and not member.enum:
        told = f"have length less than or equal to {limits['max']}"
        yield "max", f"{limits['max'] + 1} * a", told
    if kind in ("integer", "long") and "min" in limits:
        told = f"have value greater than or equal to {limits['min']}"
        yield "min", limits["min"] - 1, told
    if kind in ("integer", "long") and "max" in limits:
        told = f"have value less than or equal to {limits['max']}"
        yield "max", limits["max"] + 1, told
