"""Commands and configuration that pages show are those that exist: programs, AWS's operations, keys."""

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name
from jsonschema import Draft202012Validator

from tests.docs.pages import PAGES, REPOSITORY, blocks

SHELL = {"bash", "sh", "console"}
# What every machine has, or what the repository's own setup brings.
PROGRAMS = {"aws", "cd", "cdk", "echo", "export", "git", "make", "python", "source"}
WORD_OF_A_COMMAND = re.compile(r"(?:`|^)(aws [a-z0-9-]+ [a-z][a-z-]+[^`\n]*)", re.MULTILINE)
MODULE = re.compile(r"\bpython -m ((?:tools|config|benchmarks|tests)[\w.]*)")
PLACE = re.compile(r"<[\w -]+>")
# Of the AWS CLI itself, which botocore's models do not have.
OF_THE_CLI = {"s3": {"cp", "ls", "rm", "sync"}, "configure": {"sso", "list"}}
FLAGS_OF_THE_CLI = {"query", "output", "profile", "region", "cli-binary-format", "no-cli-pager"}
SCHEMAS = [
    json.loads(path.read_text("utf-8")) for path in sorted((REPOSITORY / "config" / "schemas").glob("*.json"))
]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


@every_page
def test_every_line_of_a_shell_block_begins_with_a_program_that_is_there(page: Path) -> None:
    shown = [block.content for block in blocks(page.read_text("utf-8")) if block.language in SHELL]
    commands = [shlex.split(PLACE.sub("x", line), comments=True) for text in shown for line in _lines(text)]
    assert [command for command in commands if command[0] not in PROGRAMS] == []


@every_page
def test_every_module_that_is_run_exists(page: Path) -> None:
    named = set(MODULE.findall(page.read_text("utf-8")))
    assert {name for name in named if importlib.util.find_spec(name) is None} == set()


@every_page
def test_every_command_of_the_aws_cli_is_an_operation_with_these_parameters(page: Path) -> None:
    commands = [_joined(match) for match in WORD_OF_A_COMMAND.finditer(page.read_text("utf-8"))]
    assert [problem for command in commands for problem in _unknown(command)] == []


def test_there_are_commands_of_the_aws_cli_on_the_pages() -> None:
    assert any(WORD_OF_A_COMMAND.search(page.read_text("utf-8")) for page in PAGES)


def test_a_mistake_in_a_command_is_noticed() -> None:
    assert list(_unknown("aws sagemaker describe-endpoints")) != []
    assert list(_unknown("aws sagemaker describe-endpoint --name x")) != []
    assert list(_unknown("aws sagemaker describe-endpoint --endpoint-name x")) == []


@every_page
def test_configuration_that_is_shown_is_what_the_models_take(page: Path) -> None:
    """A block that is a whole file, or a part of one, fits the schema of that file or part."""
    for block in blocks(page.read_text("utf-8")):
        if block.language == "yaml" and not block.content.startswith("#"):
            content = yaml.safe_load(block.content)
            assert any(_fits(content, model, schema) for schema in SCHEMAS for model in _models(schema)), (
                block
            )


def test_mistakes_in_configuration_that_is_shown_are_noticed() -> None:
    for content in ({"instances": {"min": 1, "mx": 3}}, {"instances": {"min": -1}}, {"nothing": 1}):
        assert not any(_fits(content, model, schema) for schema in SCHEMAS for model in _models(schema))


def _lines(content: str) -> Iterator[str]:
    """Commands of a block, each on one line, without what only says something."""
    whole = content.replace("\\\n", " ")
    # What stands between quotes may go over several lines.
    pieces = re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: quoted[0].replace("\n", " "), whole)
    yield from (line for line in pieces.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _joined(match: re.Match[str]) -> str:
    """The command with the lines that go on after a backslash."""
    line, rest = match[1], match.string[match.end() :]
    while line.endswith("\\"):
        following, _, rest = rest.lstrip("\n").partition("\n")
        line = f"{line[:-1]} {following}"
        rest = f"\n{rest}"
    return line


def _unknown(command: str) -> Iterator[str]:
    service, operation = command.split()[1:3]
    if service in OF_THE_CLI and operation in OF_THE_CLI[service]:
        return
    operations = _operations(service)
    if operation not in operations:
        yield f"{command}: no operation"
        return
    flags = set(re.findall(r" --([a-z][a-z-]*)", command)) - FLAGS_OF_THE_CLI
    for flag in sorted(flags - operations[operation]):
        yield f"{command}: no parameter {flag}"


def _operations(service: str) -> dict[str, set[str]]:
    """The service's operations and their parameters, as the AWS CLI names them."""
    model = botocore.session.get_session().get_service_model(service)
    return {
        xform_name(name, "-"): {xform_name(member, "-") for member in _members(model.operation_model(name))}
        for name in model.operation_names
    }


def _members(operation: Any) -> list[str]:
    return list(operation.input_shape.members) if operation.input_shape else []


def _models(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [model for model in (schema, *schema["$defs"].values()) if "properties" in model]


def _fits(content: dict[str, Any], model: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether all keys are the model's, and their values what it takes; none has to be there."""
    part = {**model, "required": [], "$defs": schema["$defs"]}
    return bool(Draft202012Validator(part).is_valid(content))
