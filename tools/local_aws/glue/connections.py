"""Connections: where in a network jobs run. Moto can neither change nor delete them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections-connections.html
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from tools.local_aws.errors import ApiError

_PLACE = "PhysicalConnectionRequirements"


def checked(create: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check_and_create(response: Any) -> Any:
        _check(response.parameters["ConnectionInput"])
        return create(response)

    return check_and_create


def _check(given: dict[str, Any]) -> None:
    if given["ConnectionType"] != "NETWORK":
        words = f"The embedded AWS has connections of the type NETWORK, not {given['ConnectionType']}."
        raise ApiError("InvalidInputException", words)
    if not given.get(_PLACE, {}).get("SubnetId"):
        raise ApiError("InvalidInputException", "A connection of the type NETWORK needs a SubnetId.")


def described(as_dict: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """With what moto leaves out."""

    def describe(connection: Any, *positional: Any, **named: Any) -> dict[str, Any]:
        given = connection.connection_input
        left_out = {name: given[name] for name in ("ConnectionType", "Description") if name in given}
        return {**as_dict(connection, *positional, **named), **left_out}

    return describe


def update_connection(response: Any) -> ActionResult:
    given = response.parameters["ConnectionInput"]
    connection = response.glue_backend.get_connection(None, response.parameters["Name"], None)
    _check(given)
    connection.connection_input = given
    connection.connection_properties = given.get("ConnectionProperties", {})
    connection.updated_time = utcnow()
    return ActionResult({})


def delete_connection(response: Any) -> ActionResult:
    name = response.parameters["ConnectionName"]
    response.glue_backend.get_connection(None, name, None)
    del response.glue_backend.connections[name]
    return ActionResult({})
