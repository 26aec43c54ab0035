"""Tags that every resource of an environment carries, within the limits of AWS.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from config.mistakes.errors import Mistake, checked

RESERVED_TAGS = ("environment", "use-case")
"""Tags that the project sets itself."""
_RESERVED_PREFIXES = ("aws:", "sagemaker:")
_MOST_TAGS = 50 - len(RESERVED_TAGS)
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_CHARACTERS = re.compile(r"[\w .:/=+\-@]*")
_WORDS = "letters, digits, spaces and . : / = + - @ _"


def _tags(tags: Mapping[str, str]) -> Iterator[Mistake]:
    if len(tags) > _MOST_TAGS:
        allowed = f"at most {_MOST_TAGS} tags besides {' and '.join(RESERVED_TAGS)}"
        yield Mistake((), tags, f"has {len(tags)} tags", allowed, "remove some")
    first: dict[str, str] = {}
    for key, value in tags.items():
        yield from _key(key, value, first.setdefault(key.lower(), key))
        if len(value) > _LONGEST_VALUE or not _CHARACTERS.fullmatch(value) or not value.strip():
            allowed = f"1 to {_LONGEST_VALUE} {_WORDS}"
            yield Mistake((key,), value, "cannot be the value of a tag", allowed, "change the value")


def _key(key: str, value: str, first: str) -> Iterator[Mistake]:
    allowed = f"1 to {_LONGEST_KEY} {_WORDS}, not {', '.join((*RESERVED_TAGS, *_RESERVED_PREFIXES))}"
    if key.lower() in RESERVED_TAGS:
        yield Mistake((key,), value, "is a tag that the project sets itself", allowed, "remove it")
    elif key.lower().startswith(_RESERVED_PREFIXES):
        yield Mistake((key,), value, "begins like the tags that AWS sets", allowed, "choose another key")
    elif not 1 <= len(key) <= _LONGEST_KEY or not _CHARACTERS.fullmatch(key) or key != key.strip():
        yield Mistake((key,), value, "cannot be the key of a tag", allowed, "change the key")
    elif key != first:
        # IAM compares tag keys without regard to case; a second spelling would count on the bill only.
        problem = f"differs from {first} in case only"
        yield Mistake((key,), value, problem, "each key in one spelling", "remove one")


Tags = Annotated[dict[str, str], checked(_tags)]
