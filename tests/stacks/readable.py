"""Templates as people read them: sorted, embedded JSON opened, hashes of assets replaced."""

import json
import re
from collections.abc import Mapping
from typing import Any

_ASSET_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# A name may end in a part of a hash, where another content has to be another resource.
_PART_OF_A_HASH = re.compile(r"(?<=-)[0-9a-f]{16}$")


def readable(node: Any) -> Any:
    """A template, or a part of one, as it is written to a snapshot.

    JSON inside a string (a pipeline definition, a state machine, a dashboard) becomes JSON, also when
    CloudFormation joins it from pieces; what CloudFormation fills in is shown as `${Key.Arn}`.
    """
    embedded = embedded_json(node)
    if embedded is not None:
        return readable(embedded)
    if isinstance(node, Mapping):
        return {key: readable(node[key]) for key in sorted(node)}
    if isinstance(node, list):
        return [readable(item) for item in node]
    if isinstance(node, str):
        return _PART_OF_A_HASH.sub("<hash>", _ASSET_HASH.sub("<asset>", node))
    return node


def embedded_json(node: Any) -> Any | None:
    """The JSON object or array that a string holds; None when it holds none."""
    text = _joined(node)
    if text is None or not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _joined(node: Any) -> str | None:
    if isinstance(node, str):
        return node
    if isinstance(node, Mapping) and set(node) == {"Fn::Join"}:
        separator, pieces = node["Fn::Join"]
        return str(separator).join(_placeholder(piece) for piece in pieces)
    return None


def _placeholder(piece: Any) -> str:
    if isinstance(piece, str):
        return piece
    ((function, argument),) = piece.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt":
        return f"${{{'.'.join(argument)}}}"
    return f"${{{function} {argument}}}"
