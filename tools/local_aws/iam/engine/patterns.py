"""Wildcards and policy variables.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re
from collections.abc import Mapping
from functools import lru_cache

ContextValue = str | tuple[str, ...]

_ARN_SEGMENTS = 6
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_WITH_DEFAULT = re.compile(r"^(?P<key>[^,]+?)\s*(?:,\s*'(?P<default>[^']*)')?$")
_ESCAPES = ("*", "?", "$")
# Characters that no policy holds stand for the wildcards that a variable brought in as ordinary characters.
_LITERAL = {"*": "\ue000", "?": "\ue001"}


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether `*` (any characters) and `?` (one character) in the pattern can stand for the value."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None


def resource_matches(pattern: str, arn: str) -> bool:
    """Like `matches`, for the Resource element.

    A `*` inside one of the first five segments stays inside that segment, a `*` that ends one may reach over
    the colon. Missing segments count as `*`.
    """
    return _compiled_resource(pattern).fullmatch(arn) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """ArnEquals and ArnLike: each of the six segments on its own; a text that is no ARN never matches."""
    wanted, given = pattern.split(":", _ARN_SEGMENTS - 1), arn.split(":", _ARN_SEGMENTS - 1)
    if len(wanted) != _ARN_SEGMENTS or len(given) != _ARN_SEGMENTS:
        return False
    return all(matches(want, have) for want, have in zip(wanted, given, strict=True))


def plain(text: str) -> str:
    """The text as it is compared by operators that know no wildcards."""
    for character, stand_in in _LITERAL.items():
        text = text.replace(stand_in, character)
    return text


def resolve(text: str, context: Mapping[str, ContextValue]) -> str | None:
    """The text with its policy variables filled in; None when one has no value in this request.

    What a variable brings in is never a wildcard. A key with several values cannot be used as a variable.
    """
    unresolved = False

    def fill(found: re.Match[str]) -> str:
        nonlocal unresolved
        value = _value_of(found[1], context)
        if value is None:
            unresolved = True
            return ""
        return _literal(value)

    filled = _VARIABLE.sub(fill, text)
    return None if unresolved else filled


def _value_of(expression: str, context: Mapping[str, ContextValue]) -> str | None:
    if expression in _ESCAPES:
        return expression
    parts = _VARIABLE_WITH_DEFAULT.match(expression)
    if parts is None:
        return None
    value = context.get(parts["key"].lower())
    if isinstance(value, tuple):
        value = value[0] if len(value) == 1 else None
    return parts["default"] if value is None else value


def _literal(value: str) -> str:
    for character, stand_in in _LITERAL.items():
        value = value.replace(character, stand_in)
    return value


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(_expression(pattern, ".*", "."), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


@lru_cache(maxsize=4096)
def _compiled_resource(pattern: str) -> re.Pattern[str]:
    if not pattern.startswith("arn:"):
        return re.compile(_expression(pattern, ".*", "."), re.DOTALL)
    segments = pattern.split(":", _ARN_SEGMENTS - 1)
    expressions = [_segment_expression(segment) for segment in segments[: _ARN_SEGMENTS - 1]]
    if len(segments) < _ARN_SEGMENTS:
        return re.compile(":".join(expressions) + "(:.*)?", re.DOTALL)
    return re.compile(":".join([*expressions, _expression(segments[-1], ".*", ".")]), re.DOTALL)


def _segment_expression(segment: str) -> str:
    if segment.endswith("*"):
        return _expression(segment[:-1], "[^:]*", "[^:]") + ".*"
    return _expression(segment, "[^:]*", "[^:]")


def _expression(pattern: str, any_characters: str, one_character: str) -> str:
    wildcards = {"*": any_characters, "?": one_character}
    return "".join(wildcards.get(character) or re.escape(plain(character)) for character in pattern)
