"""Paths that mean one value give one value, and those that mean many give a list."""

from typing import Any

import moto.stepfunctions.parser.asl.eval.states as reader
import pytest

from tools.local_aws.moto_repairs.state_machines import repair_paths

DATA = {
    "Steps": [{"Metadata": {}}, {"Metadata": {"Model": {"Arn": "arn"}}}],
    "Stacks": [
        {"Status": "A", "Parameters": [{"Key": "k", "Value": "1"}]},
        {"Status": "B", "Parameters": []},
    ],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.Stacks[0].Status", "A"),
        ("$.Stacks[0].Parameters[0].Value", "1"),
        ("$.Stacks[0].Parameters", [{"Key": "k", "Value": "1"}]),
        ("$.Stacks[1]", {"Status": "B", "Parameters": []}),
        ("$.Stacks[*].Status", ["A", "B"]),
        ("$.Stacks[0:1].Status", ["A"]),
        ("$.Stacks[*].Parameters[*].Value", ["1"]),
        ("$.Stacks[0].Parameters[?(@.Key == 'k')].Value", ["1"]),
        # Nothing that fits is no mistake: such a path means a list, and it is empty.
        ("$.Stacks[0].Parameters[?(@.Key == 'other')].Value", []),
        ("$.Stacks[*].Tags.Owner", []),
        ("$.Steps[*].Metadata.Model.Arn", ["arn"]),
    ],
)
def test_a_path_gives_what_aws_gives(path: str, expected: Any) -> None:
    repair_paths()
    assert vars(reader)["extract_json"](path, DATA) == expected
