"""Templates as people read them: sorted, functions inside the text they fill, a line for a statement.

    ${Data}                      Ref
    ${Data.Arn}                  Fn::GetAtt
    ${dev-foundation:Data.Arn}   Fn::ImportValue of what the CDK exports when a stack refers to another one
    ${{'Fn::Select': [0, …]}}    any other function in the middle of a text; alone it stays an object
    ${!aws:SourceIdentity}       the literal text `${aws:SourceIdentity}`, escaped as Fn::Sub does it

A string of JSON or of several lines is opened, under the name of the function that would close it again:

    Fn::ToJsonString             compact JSON, as AWS's function of this name writes it
    Fn::ToSpacedJsonString       JSON as Python writes it, with spaces after commas and colons
    Fn::JoinLines                lines

A key that really has one of these names gets a `!` after `Fn::`. Fn::Sub is shown as it is written, because
its text has placeholders of its own. Nothing is lost but the order of the template's keys and, by intention,
the hashes of assets and contents: they change with every change of a script, and say nothing to a reader.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

COLUMNS = 110

# The digest of an image is no asset's: it says which image runs.
_ASSET_HASH = re.compile(r"(?<![0-9a-f])(?<!@sha256:)[0-9a-f]{64}(?![0-9a-f])")
# A name may end in a part of a hash, where another content has to be another resource.
_PART_OF_A_HASH = re.compile(r"(?<=-)[0-9a-f]{16}$")

_JSON_SEPARATORS = {"Fn::ToJsonString": (",", ":"), "Fn::ToSpacedJsonString": (", ", ": ")}
_OUR_FUNCTION = re.compile(r"^Fn::(?=!*(ToJsonString|ToSpacedJsonString|JoinLines)$)")

_LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")
_REF = re.compile(r"(AWS::)?[A-Za-z0-9]+")
_ATTRIBUTE = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*")
_EXPORT = re.compile(
    r"(?P<stack>[A-Za-z][A-Za-z0-9-]*):ExportsOutput(Ref|FnGetAtt)(?P<target>\w+)[0-9A-F]{8}"
)

_BEFORE_CONDITION = (
    *("Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource"),
)
_STATEMENT = {*_BEFORE_CONDITION, "Condition"}
_FIRST_KEYS = (*_BEFORE_CONDITION, "Name", "Type", "DeletionPolicy", "UpdateReplacePolicy")


def page(template: Any) -> str:
    """The text of a snapshot: JSON, where a statement or what fits into the columns is a line."""
    return _laid_out(readable(template), 0, 0) + "\n"


def readable(node: Any) -> Any:
    """A template or a part of one, with `<asset>` and `<hash>` instead of hashes."""
    return _without_hashes(_rendered(node))


def embedded_json(node: Any) -> Any | None:
    """The JSON object or array that a string holds; None when it holds none."""
    text = _text(node)
    return None if text is None else _json(text)


def export_name(stack: str, reference: Mapping[str, Any]) -> str:
    """What the CDK calls the export of a Ref or Fn::GetAtt, so that other stacks can import it."""
    output = "Output" + json.dumps(reference, separators=(",", ":"))
    digest = hashlib.md5(f"Exports/{output}".encode(), usedforsecurity=False).hexdigest()
    return f"{stack}:Exports{re.sub('[^A-Za-z0-9]', '', output)}{digest[:8].upper()}"


def _rendered(node: Any) -> Any:
    text = _text(node)
    if text is not None:
        return _opened(text)
    if isinstance(node, list):
        return [_rendered(item) for item in node]
    if isinstance(node, Mapping) and set(node) != {"Fn::Sub"}:
        return {_escaped_key(key): _rendered(node[key]) for key in sorted(node, key=_place)}
    return node


def _place(key: str) -> tuple[int, str]:
    return _FIRST_KEYS.index(key) if key in _FIRST_KEYS else len(_FIRST_KEYS), key


def _escaped_key(key: str) -> str:
    return _OUR_FUNCTION.sub("Fn::!", key)


def _text(node: Any) -> str | None:
    """A string, or a function that stands for one, with placeholders; None for everything else."""
    match node:
        case str():
            return node.replace("${", "${!")
        case {"Fn::Join": ["", list(pieces)], **others} if not others and _can_be_split_again(pieces):
            return "".join(_piece(piece) for piece in pieces)
    name = _reference(node) or _import(node)
    return f"${{{name}}}" if name else None


def _can_be_split_again(pieces: list[Any]) -> bool:
    """Whether the text of the pieces says where each begins; the CDK joins no others."""
    kinds = ["text" if isinstance(piece, str) else "function" for piece in pieces]
    return (
        len(pieces) > 1
        and all(piece and isinstance(piece, str | Mapping) for piece in pieces)
        and ("text", "text") not in itertools.pairwise(kinds)
    )


def _piece(node: Any) -> str:
    is_joined_itself = isinstance(node, Mapping) and "Fn::Join" in node
    text = None if is_joined_itself else _text(node)
    if text is not None:
        return text
    # Within a page of JSON double quotes need a backslash, single ones do not.
    return f"${{{swapped_quotes(json.dumps(_rendered(node), ensure_ascii=False))}}}"


def swapped_quotes(text: str) -> str:
    return text.translate({ord('"'): "'", ord("'"): '"'})


def _reference(node: Any) -> str | None:
    match node:
        case {"Ref": str(name), **others} if not others and _REF.fullmatch(name):
            return name
        case {"Fn::GetAtt": [str(name), str(attribute)], **others} if (
            not others and _LOGICAL_ID.fullmatch(name) and _ATTRIBUTE.fullmatch(attribute)
        ):
            return f"{name}.{attribute}"
    return None


def _import(node: Any) -> str | None:
    match node:
        case {"Fn::ImportValue": str(name), **others} if not others and (export := _EXPORT.fullmatch(name)):
            stack, target = export["stack"], export["target"]
            attributes = [{"Fn::GetAtt": [target[:end], target[end:]]} for end in range(1, len(target))]
            references: list[Mapping[str, Any]] = [{"Ref": target}, *attributes]
            for reference in references:
                if export_name(stack, reference) == name:
                    return f"{stack}:{_reference(reference)}"
    return None


def _json(text: str) -> Any | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _opened(text: str) -> Any:
    """What a text with placeholders holds, if the text could be written again from it."""
    content = _json(text)
    for function, separators in _JSON_SEPARATORS.items():
        if json.dumps(content, ensure_ascii=False, separators=separators) == text:
            return {function: _opened_inside(content)}
    return {"Fn::JoinLines": text.split("\n")} if "\n" in text else text


def _opened_inside(content: Any) -> Any:
    match content:
        case dict():
            return {_escaped_key(key): _opened_inside(item) for key, item in content.items()}
        case list():
            return [_opened_inside(item) for item in content]
        case str():
            return _opened(content)
    return content


def _without_hashes(node: Any) -> Any:
    match node:
        case dict():
            return {key: _without_hashes(item) for key, item in node.items()}
        case list():
            return [_without_hashes(item) for item in node]
        case str():
            return _PART_OF_A_HASH.sub("<hash>", _ASSET_HASH.sub("<asset>", node))
    return node


def _laid_out(node: Any, indent: int, before: int) -> str:
    """The lines of a node; `before` is how long the key is that its first line follows."""
    line = json.dumps(node, ensure_ascii=False)
    is_statement = isinstance(node, dict) and "Effect" in node and node.keys() <= _STATEMENT
    if not isinstance(node, dict | list) or is_statement or indent + before + len(line) < COLUMNS:
        return line
    if isinstance(node, list):
        return _block("[", [_laid_out(item, indent + 2, 0) for item in node], "]", indent)
    keys = [json.dumps(key, ensure_ascii=False) + ": " for key in node]
    items = list(zip(keys, node.values(), strict=True))
    if len(items) == 1 and keys[0].startswith('"Fn::'):
        ((key, item),) = items
        return "{" + key + _laid_out(item, indent, before + len(key) + 1) + "}"
    return _block("{", [key + _laid_out(item, indent + 2, len(key)) for key, item in items], "}", indent)


def _block(opening: str, items: list[str], closing: str, indent: int) -> str:
    line = "\n" + " " * indent
    return opening + line + "  " + f",{line}  ".join(items) + line + closing
