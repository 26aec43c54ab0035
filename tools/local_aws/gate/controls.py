"""What the embedded AWS can do and AWS cannot, such as letting the hour strike."""

import json
import logging
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

from tools.local_aws.context import Context
from tools.local_aws.gate.signatures import SIGNED

CONTROL_PREFIX = "/local-aws/"
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


def with_controls(application: WsgiApplication, context: Context) -> WsgiApplication:
    """Answers `POST /local-aws/<name>` with the part that registered the name, everything else with moto."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(CONTROL_PREFIX):
            return application(environ, start_response)
        name, length = path.removeprefix(CONTROL_PREFIX), int(environ.get("CONTENT_LENGTH") or 0)
        options = json.loads(environ["wsgi.input"].read(length)) if length else {}
        of_caller = context.accounts[environ[SIGNED].account]
        status, body = _run_control(of_caller, environ["REQUEST_METHOD"], name, options)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return answer


def _run_control(context: Context, method: str, name: str, options: Any) -> tuple[str, dict[str, Any]]:
    control = context.controls.get(name)
    if control is None:
        return "404 NOT FOUND", {"error": f"No control named {name!r}; there are {sorted(context.controls)}."}
    if method != "POST":
        return "405 METHOD NOT ALLOWED", {"error": f"{CONTROL_PREFIX}{name} takes POST, not {method}."}
    try:
        signature(control).bind(**options)
    except TypeError as error:
        return "400 BAD REQUEST", {"error": f"{CONTROL_PREFIX}{name} takes other options: {error}."}
    try:
        return "200 OK", control(**options)
    except Exception as error:
        log.exception("Control %s failed", name)
        return "500 INTERNAL SERVER ERROR", {"error": f"{type(error).__name__}: {error}"}
