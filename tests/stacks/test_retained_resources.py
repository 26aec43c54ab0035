"""Resources that outlive their stack keep their logical ids.

Another logical id means another resource: the old one stays behind, and its data with it. The list is of the
sample, which never changes: what is missing was lost by a change of `stacks/`, in every configuration.
"""

import json
from pathlib import Path

import pytest

from tests.stacks.cloud import Cloud

LIST = Path(__file__).with_name("retained_resources.json")


def retained(cloud: Cloud) -> dict[str, set[str]]:
    """Logical ids by stack."""
    found: dict[str, set[str]] = {}
    for resource in cloud.resources:
        if resource.body.get("DeletionPolicy", "Delete") != "Delete":
            found.setdefault(resource.template.stack, set()).add(resource.logical_id)
    return found


def listed_ids() -> dict[str, set[str]]:
    return {stack: set(names) for stack, names in json.loads(LIST.read_text("utf-8")).items()}


def test_no_retained_resource_is_lost(sample: Cloud) -> None:
    found = retained(sample)
    lost = {stack: names - found.get(stack, set()) for stack, names in listed_ids().items()}
    assert {stack: names for stack, names in lost.items() if names} == {}, (
        f"its data would be left behind; if nothing is deployed that has it, remove it from {LIST.name}"
    )


def test_every_retained_resource_is_listed(sample: Cloud, request: pytest.FixtureRequest) -> None:
    found, known = retained(sample), listed_ids()
    if request.config.getoption("--update-snapshots"):
        known = {stack: known.get(stack, set()) | found.get(stack, set()) for stack in known | found}
        in_order = {stack: sorted(names) for stack, names in sorted(known.items())}
        LIST.write_text(json.dumps(in_order, indent=2) + "\n", "utf-8")
    new = {stack: names - known.get(stack, set()) for stack, names in found.items()}
    assert {stack: names for stack, names in new.items() if names} == {}, "run `make snapshots`"
