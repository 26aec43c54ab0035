"""All services: errors are API answers, also where moto would answer with a page of HTML."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from moto import backends
from moto.core import responses
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.gate.signatures import SIGNED

log = logging.getLogger(__name__)


def install(context: Context) -> None:
    # Each session would read AWS's models of its services anew, and moto has one per account.
    botocore.session.create_loader = cache(botocore.session.create_loader)
    # Moto looks through its folders and classes once for each request, and finds its operation five times.
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = cache(responses.method_names_from_class)
    BaseResponse._get_action_from_method_and_request_uri = _once(
        BaseResponse._get_action_from_method_and_request_uri
    )
    context.controls["operations"] = context.ledger.told
    BaseResponse.get_current_account = lambda response: response.normalized_request.environ[SIGNED].account
    BaseResponse.call_action = _with_errors_as_answers(BaseResponse.call_action, context)


def _once(match: Callable[..., Any]) -> Callable[..., Any]:
    def matched(response: Any, request: Any) -> Any:
        known = vars(response).get("_matched", (None, None))
        if known[0] is not request:
            known = response._matched = request, match(response, request)
        return known[1]

    return matched


def _with_errors_as_answers(call_action: Callable[[Any], Any], context: Context) -> Callable[[Any], Any]:
    """Answers errors of authorization, operations that moto does not have, and failures of the server."""

    def answer(response: Any) -> Any:
        operation = str(response._get_action())
        method = getattr(type(response), camelcase_to_underscores(operation), None)
        context.ledger.note(response.service_name, operation, type(response), method)
        try:
            return call_action(response)
        except ServiceException as error:
            return _error_answer(response, error)
        except NotImplementedError as error:
            log.warning("%s: %s", response.service_name, error)
            return _error_answer(
                response, ApiError("UnknownOperationException", f"{response.service_name}: {error}")
            )
        except RecursionError:
            # No defect but a request that is nested too deeply, as the entrance says.
            raise
        except Exception as error:
            log.exception("%s %s failed", response.service_name, response._get_action())
            what = f"The embedded AWS failed: {type(error).__name__}: {error}"
            _, headers, body = _error_answer(response, ApiError("InternalFailure", what))
            return 500, headers, body

    return answer


def _error_answer(response: Any, error: Exception) -> tuple[int, dict[str, str], Any]:
    status, headers, body = response.serialized(ActionResult(error))
    # This adds the request id, by which clients know that a service answered.
    headers, body = response._enrich_response(headers, body)
    return status, headers, body
