"""Which operations were called since the start, and whose code answered them."""

from collections.abc import Callable
from typing import Any


class Ledger:
    """The calls of every service, as the control `operations` tells them.

    Operations of S3 bear the names of IAM's actions, which moto goes by.
    """

    def __init__(self) -> None:
        self._called: dict[str, dict[str, str]] = {}

    def note(
        self,
        service: str,
        operation: str,
        answering: type | None = None,
        method: Callable[..., Any] | None = None,
    ) -> None:
        author = "ours" if _is_ours(answering) else "moto, repaired" if _is_ours(method) else "moto"
        self._called.setdefault(service, {})[operation] = author

    def told(self) -> dict[str, dict[str, str]]:
        """`{"kms": {"CreateKey": "moto"}}`, or "moto, repaired" in what answers calls, or "ours"."""
        return {service: dict(sorted(found.items())) for service, found in sorted(self._called.items())}


def _is_ours(code: Any) -> bool:
    return str(getattr(code, "__module__", "")).startswith("tools.")
