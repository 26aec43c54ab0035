"""Why a request is refused, each with the HTTP status that says whose mistake it is."""

from __future__ import annotations


class RequestError(ValueError):
    """The request cannot be answered; the message names rows and columns, never what a cell holds."""

    status_code = 400


class UnsupportedContentType(RequestError):  # noqa: N818  # the HTTP status' name
    """The body's content type is not one that is understood."""

    status_code = 415


class NotAcceptable(RequestError):  # noqa: N818  # the HTTP status' name
    """The client accepts only content types that cannot be given."""

    status_code = 406


class TooManyRows(RequestError):  # noqa: N818  # the HTTP status' name
    """More rows than one request may have."""

    status_code = 413


class NoFinitePrediction(RequestError):  # noqa: N818
    """The model answered without a finite number: our mistake, not the client's."""

    status_code = 500
