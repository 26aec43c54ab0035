"""The refusals of the SageMaker API, under the codes that AWS uses."""

from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):  # type: ignore[misc]
    """The request is well formed but cannot be fulfilled: most refusals of SageMaker."""

    code = "ValidationException"


class AccessDeniedError(ServiceException):  # type: ignore[misc]
    """The account may not do this at all."""

    code = "AccessDeniedException"


class ResourceNotFoundError(ServiceException):  # type: ignore[misc]
    """No such resource."""

    code = "ResourceNotFound"


class ResourceInUseError(ServiceException):  # type: ignore[misc]
    """The name is taken."""

    code = "ResourceInUse"


class ConflictError(ServiceException):  # type: ignore[misc]
    """The resource is in a state that forbids the request."""

    code = "ConflictException"


class UnknownOperationError(ServiceException):  # type: ignore[misc]
    """The embedded AWS does not know this operation of the real service."""

    code = "UnknownOperationException"


class JobFailedError(Exception):
    """A job or endpoint fails; the text becomes its `FailureReason`."""
