"""Tags: those of the stack that its resources take over, and changes to those of a resource."""

from collections.abc import Mapping
from typing import Any

from tools.local_aws.cloudformation.row import Tagging, Work
from tools.local_aws.cloudformation.schemas import resource_schema


def tag_property(type_name: str) -> str | None:
    """The property that holds the tags of a type, if it has any."""
    schema = resource_schema(type_name)
    return schema.tag_property if schema else None


def retag(work: Work, tagging: Tagging, old: Any, new: Any) -> None:
    """Adds, changes and removes tags of an existing resource."""
    before, after = _tag_map(old), _tag_map(new)
    gone = sorted(set(before) - set(after))
    if gone:
        # EC2 alone takes the tags to remove as tags, without their values.
        keys = [{"Key": key} for key in gone] if tagging.keys_member == "Tags" else gone
        work.call(tagging.remove, {tagging.keys_member: keys})
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        work.call(tagging.add, {"Tags": tags})


def _tag_map(tags: Any) -> dict[str, str]:
    return dict(tags) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags or []}


def with_stack_tags(type_name: str, properties: dict[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """CloudFormation puts the tags of a stack on every resource that takes tags."""
    name = tag_property(type_name)
    if not tags or name is None:
        return properties
    own = properties.get(name)
    if isinstance(own, Mapping) or (own is None and _is_map(type_name, name)):
        return {**properties, name: {**tags, **(own or {})}}
    if own is not None and not isinstance(own, list):
        return properties
    taken = {tag["Key"] for tag in own or []}
    added = [{"Key": key, "Value": value} for key, value in tags.items() if key not in taken]
    return {**properties, name: [*(own or []), *added]}


def _is_map(type_name: str, name: str) -> bool:
    schema = resource_schema(type_name)
    return schema is not None and schema.properties[name].get("type") == "object"
