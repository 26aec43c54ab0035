"""JSONPath of state machines: a path that can mean one value only gives that value, as on AWS.

Moto answers `$.Stacks[0].StackStatus` with a list of one member; only wildcards, slices and filters should.
These mean a list, also of one value or of none: https://github.com/json-path/JsonPath#what-is-returned-when
"""

import re
from collections.abc import Callable
from typing import Any

from jsonpath_ng.ext import parse
from moto.stepfunctions.parser.asl.utils import json_path

_MANY_VALUES = re.compile(r"\.\.|\*|\[[^\]']*[:,?]")


def single_values(extract_any: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Moto's function that reads a path, with the rule in front of it."""

    def extract(path: str, data: Any) -> Any:
        if path.endswith("]") and _MANY_VALUES.search(path):
            return extract_any(path, data)
        matches = parse(path).find(data)
        if _MANY_VALUES.search(path):
            return [match.value for match in matches]
        if not matches:
            raise json_path.NoSuchJsonPathError(json_path=path, data=data)
        return matches[0].value

    return extract
