"""What is larger than AWS takes is said at synthesis: all of it at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import ConfigurationError
from stacks.limits import MOST_BYTES, MOST_CHARACTERS, MOST_IN_SECTION, check_limits

AS_LONG_AS_AN_ARN = 80


def _refused(folder: Path, **template: Any) -> list[str]:
    """What is said of a template that is the only one."""
    (folder / "dev.template.json").write_text(json.dumps({"Resources": {}, **template}), "utf-8")
    try:
        check_limits(folder)
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


def _resource(kind: str, name: str, value: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": kind, "Properties": {name: value}}}}


@pytest.mark.parametrize("section", MOST_IN_SECTION)
def test_a_section_has_as_many_as_cloudformation_takes_and_no_more(section: str, tmp_path: Path) -> None:
    entries = {f"Entry{number}": {"Type": "AWS::SNS::Topic"} for number in range(MOST_IN_SECTION[section])}
    assert _refused(tmp_path, **{section: entries}) == []
    (line,) = _refused(tmp_path, **{section: {**entries, "More": {"Type": "AWS::SNS::Topic"}}})
    assert line.startswith(f"dev.template.json: {section}: {len(entries) + 1}: ")
    assert f"at most {len(entries)} {section.lower()}" in line


@pytest.mark.parametrize(("kind", "name"), MOST_CHARACTERS)
def test_a_property_is_as_long_as_its_service_takes_and_no_longer(
    kind: str, name: str, tmp_path: Path
) -> None:
    most = MOST_CHARACTERS[kind, name]
    assert _refused(tmp_path, **_resource(kind, name, "x" * most)) == []
    (line,) = _refused(tmp_path, **_resource(kind, name, "x" * (most + 1)))
    assert line.startswith(f"dev.template.json: It.{name}: {most + 1}: ")


def test_what_cloudformation_fills_in_counts_as_long_as_an_arn(tmp_path: Path) -> None:
    most = MOST_CHARACTERS["AWS::SSM::Parameter", "Value"] - AS_LONG_AS_AN_ARN
    for reference in ({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}, {"Fn::ImportValue": "key"}):
        fits, longer = (
            _resource("AWS::SSM::Parameter", "Value", {"Fn::Join": ["", ["x" * length, reference]]})
            for length in (most, most + 1)
        )
        assert _refused(tmp_path, **fits) == []
        assert len(_refused(tmp_path, **longer)) == 1


def test_policies_are_measured_without_white_space(tmp_path: Path) -> None:
    most = MOST_CHARACTERS["AWS::IAM::ManagedPolicy", "PolicyDocument"]
    document = {"Statement": [{"Action": "s3:GetObject", "Effect": "Allow", "Resource": "*"}] * 10}
    assert len(json.dumps(document, indent=100)) > most
    assert _refused(tmp_path, **_resource("AWS::IAM::ManagedPolicy", "PolicyDocument", document)) == []


def test_all_that_is_too_large_is_said_at_once_with_what_to_change(tmp_path: Path) -> None:
    outputs = {f"Output{number}": {"Value": "x" * 6_000} for number in range(201)}
    resources = {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": "x" * 7_000}}}
    lines = _refused(tmp_path, Outputs=outputs, Resources=resources)
    assert [line.split(": ")[1] for line in lines] == ["(file)", "Outputs", "Policy.PolicyDocument"]
    assert f"at most {MOST_BYTES:,} bytes" in lines[0]
    assert all("; change: fewer use cases" in line for line in lines)


def test_what_is_not_said_is_not_too_long(tmp_path: Path) -> None:
    """A key without a policy gets AWS's."""
    for kind in ("AWS::KMS::Key", "AWS::SSM::Parameter"):
        assert _refused(tmp_path, Resources={"It": {"Type": kind}}) == []


def test_an_advanced_parameter_holds_twice_as_much(tmp_path: Path) -> None:
    most = MOST_CHARACTERS["AWS::SSM::Parameter", "Value"]
    for more, refused in ((most, 0), (most + 1, 1)):
        value = {"Value": "x" * (most + more), "Tier": "Advanced"}
        resources = {"It": {"Type": "AWS::SSM::Parameter", "Properties": value}}
        assert len(_refused(tmp_path, Resources=resources)) == refused
