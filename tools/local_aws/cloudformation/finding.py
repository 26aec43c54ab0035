"""Whether a resource exists, as the handler of its type finds out before it creates one."""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.row import Read, Work
from tools.local_aws.cloudformation.schemas import resource_schema

_GONE_CODES = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "UnknownResource")
_GONE_MESSAGES = ("not found", "does not exist", "could not find")
_READING = ("Describe", "Get", "Head")


def found(work: Work) -> dict[str, Any] | None:
    """The answer about an existing resource; None where there is none, and where nobody can or may say."""
    read = reading(work)
    try:
        answer, _ = (None, None) if read is None else look_up(work, read)
    except (ClientError, ResourceError):
        # An identifier that only the service knows, or a role that may not look: then creation shows it.
        return None
    return answer


def reading(work: Work) -> Read | None:
    """How one finds out about a resource."""
    return work.row.read or _named_like_create(work)


def look_up(work: Work, read: Read) -> tuple[dict[str, Any] | None, Mapping[str, Any]]:
    """The answer about a resource, None where it does not exist, and what of the answer is the resource."""
    arguments = {name: work.fill(text) for name, text in read.arguments.items()}
    answer = work.call(read.operation, arguments)
    matching = jmespath.search(work.fill(read.found), answer)
    if not matching:
        return None, {}
    resource = matching[0] if isinstance(matching, list) else matching
    return answer, resource if isinstance(resource, Mapping) else answer


def _named_like_create(work: Work) -> Read | None:
    noun = re.sub("^(Create|Put)", "", work.row.create or "")
    operations = work.clients(work.row.service).meta.service_model.operation_names
    names = [verb + noun for verb in _READING if noun and verb + noun in operations]
    # Without anything that identifies it, the operation would describe all there are.
    return Read(names[0]) if names and set(work.row.identity) & work.input_members(names[0]) else None


def already_exists(work: Work) -> str:
    """What the handler of a type says."""
    if work.row.taken:
        return work.fill(work.row.taken)
    schema = resource_schema(work.row.type_name)
    names = [path[-1] for path in schema.paths("primaryIdentifier")] if schema else []
    named = [work.row.name.property] if work.row.name else []
    known = [name for name in names if name in work.properties] or named
    identifier = {f"/properties/{name}": work.properties.get(name) for name in known}
    shown = json.dumps(identifier, separators=(",", ":"), default=str)
    return (
        f"Resource handler returned message: \"Resource of type '{work.row.type_name}' with identifier "
        f"'{shown}' already exists.\" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: AlreadyExists)"
    )


def not_found(work: Work, identifier: Mapping[str, str]) -> str:
    """What the handler of a type says of something to import that is not there."""
    name = "|".join(identifier.values())
    return (
        f"Resource handler returned message: \"Resource of type '{work.row.type_name}' with identifier "
        f"'{name}' was not found.\" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: NotFound)"
    )


def is_gone(error: ClientError) -> bool:
    details = error.response["Error"]
    code, message = str(details.get("Code", "")), str(details.get("Message", "")).lower()
    return any(part in code for part in _GONE_CODES) or any(part in message for part in _GONE_MESSAGES)
