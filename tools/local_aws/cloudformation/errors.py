"""The error codes CloudFormation answers with, and the failure of one resource."""

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):  # type: ignore[misc]
    """The request, the template or the state of the stack does not allow the operation."""

    code = "ValidationError"


class AlreadyExistsError(ServiceException):  # type: ignore[misc]
    """A stack with this name exists."""

    code = "AlreadyExistsException"


class ChangeSetNotFoundError(ServiceException):  # type: ignore[misc]
    """No such change set on this stack."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatusError(ServiceException):  # type: ignore[misc]
    """The change set cannot be executed in its status."""

    code = "InvalidChangeSetStatus"


class ResourceError(Exception):
    """One resource cannot be created, changed or deleted; the text becomes its ResourceStatusReason."""


class NothingDoneError(ResourceError):
    """The change was refused before any API call, so there is nothing to take back."""


def reason(error: Exception) -> str:
    """What a stack event says about a failure, with the service's own words where a service refused."""
    if isinstance(error, ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        details = answer["Error"]
        return (
            f'Resource handler returned message: "{details.get("Message", "")}" '
            f"(Operation: {error.operation_name}, Status Code: {status}, "
            f"HandlerErrorCode: {details.get('Code', 'Unknown')})"
        )
    if isinstance(error, ServiceException):
        return str(error.message)
    return str(error) or type(error).__name__
