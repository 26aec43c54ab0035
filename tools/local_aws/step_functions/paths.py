"""JSONPath of state machines: a path that can mean one value only gives that value, as on AWS.

Moto answers `$.Stacks[0].StackStatus` with a list of one member; only wildcards, slices and filters should.
"""

import re
import sys
from typing import Any

from jsonpath_ng.ext import parse
from moto.stepfunctions.parser.asl.utils import json_path

_MANY_VALUES = re.compile(r"\.\.|\*|\[[^\]']*[:,?]")


def equip_paths() -> None:
    """Puts the rule into every module of moto's interpreter that reads paths."""
    extract_any = json_path.extract_json

    def extract(path: str, data: Any) -> Any:
        if _MANY_VALUES.search(path):
            return extract_any(path, data)
        matches = parse(path).find(data)
        if not matches:
            raise json_path.NoSuchJsonPathError(json_path=path, data=data)
        return matches[0].value

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and vars(module).get("extract_json") is extract_any:
            module.extract_json = extract  # type: ignore[attr-defined]
