"""All services: what breaks the service's model is refused, before anything is done."""

from collections.abc import Callable
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.s3.exceptions import S3ClientError

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.requests.checks import check


def install(_: Context) -> None:
    BaseResponse.parse_parameters = _leaving_mistakes_for_later(BaseResponse.parse_parameters)
    mixin = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = _then_checked(
        mixin._authenticate_and_authorize_normal_action
    )
    mixin._authenticate_and_authorize_s3_action = _then_checked_as_s3(
        mixin._authenticate_and_authorize_s3_action
    )


def _leaving_mistakes_for_later(parse_parameters: Callable[..., None]) -> Callable[..., None]:
    """Moto reads some requests before anybody can answer that they cannot be read."""

    def parse(response: Any, request: Any) -> None:
        try:
            parse_parameters(response, request)
        except Exception:
            # The check reads the request again, and says what is wrong with it.
            response.params = {}

    return parse


def _then_checked(authorize: Callable[..., None]) -> Callable[..., None]:
    def authorized(response: Any, *resource: Any) -> None:
        authorize(response, *resource)
        check(response)

    return authorized


def _then_checked_as_s3(authorize: Callable[..., None]) -> Callable[..., None]:
    def authorized(response: Any, **what: Any) -> None:
        authorize(response, **what)
        try:
            check(response)
        except ApiError as error:
            # S3 answers no errors but its own.
            raise S3ClientError(error.code, error.message) from error

    return authorized
