"""Why a request is refused, each with the HTTP status that says whose mistake it is."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def _toolkit_error() -> Any:
    """The model server's own error class where there is one, else ValueError's base.

    In AWS's image an exception of any other class is answered with 500: the endpoint's 5xx alarm would blame
    the model for what a client sent, or even roll a deployment back.
    """
    try:
        return import_module("sagemaker_inference.errors").BaseInferenceToolkitError
    except ModuleNotFoundError:
        return Exception


class RequestError(ValueError, _toolkit_error()):  # type: ignore[misc]  # the base is known at run time only
    """The request cannot be answered; the message names rows and columns, never what a cell holds."""

    status_code = 400
    phrase = "Bad Request"

    def __init__(self, message: str) -> None:
        ValueError.__init__(self, message)
        self.message = message


class UnsupportedContentType(RequestError):  # noqa: N818  # the HTTP status' name
    """The body's content type is not one that is understood."""

    status_code = 415
    phrase = "Unsupported Media Type"


class NotAcceptable(RequestError):  # noqa: N818  # the HTTP status' name
    """The client accepts only content types that cannot be given."""

    status_code = 406
    phrase = "Not Acceptable"


class TooManyRows(RequestError):  # noqa: N818  # the HTTP status' name
    """More rows than one request may have."""

    status_code = 413
    phrase = "Payload Too Large"


class NoFinitePrediction(RequestError):  # noqa: N818
    """The model answered without a finite number: our mistake, not the client's."""

    status_code = 500
    phrase = "Internal Server Error"
