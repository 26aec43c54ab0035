"""Refusals under the codes that AWS uses."""

from moto.core.exceptions import ServiceException


class ApiError(ServiceException):  # type: ignore[misc]
    """A refusal with the code that AWS uses: `ApiError("AccessDenied", "User: ...")`.

    Moto looks up an error's shape by the module of its class, so its own class cannot be raised as it is.
    """
