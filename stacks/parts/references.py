"""Text with references in it, which the CDK resolves when templates are written."""

import json
from typing import Any


def json_text(value: Any) -> str:
    """JSON as one text. What a reference stands for needs no escape there: a name, an ARN, an address in S3.

    `Stack.to_json_string` escapes references too, and is handed all of the value by another process. It
    leaves out what is None; here that is null, which state machines know.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
