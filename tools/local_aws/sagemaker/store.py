"""Where the resources of SageMaker live while the embedded AWS runs: in memory, as their API members."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException

Members = dict[str, Any]


def now() -> datetime:
    """The current moment with its time zone, as the API returns it."""
    return datetime.now(UTC)


def name_of(name_or_arn: str) -> str:
    """The name in a request that accepts a name or an ARN."""
    return name_or_arn.rsplit("/", 1)[-1]


@dataclass
class Table:
    """All resources of one kind by name."""

    not_found: Callable[[str], ServiceException]
    taken: Callable[[str], ServiceException]
    key: Callable[[str], str] = name_of
    _records: dict[str, Members] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, name: str, record: Members) -> None:
        """Stores a new resource; raises the kind's refusal when the name is taken."""
        with self._lock:
            if name in self._records:
                raise self.taken(name)
            self._records[name] = record

    def get(self, name_or_arn: str) -> Members:
        """The resource; raises the kind's refusal when there is none."""
        with self._lock:
            record = self._records.get(self.key(name_or_arn))
            if record is None:
                raise self.not_found(self.key(name_or_arn))
            return record

    def remove(self, name_or_arn: str) -> Members:
        """Takes the resource out; raises the kind's refusal when there is none."""
        with self._lock:
            self.get(name_or_arn)
            return self._records.pop(self.key(name_or_arn))

    def values(self) -> list[Members]:
        with self._lock:
            return list(self._records.values())

    def __contains__(self, name: object) -> bool:
        return name in self._records


class Tags:
    """Tags by ARN; an ARN is known from the creation of its resource to its removal."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def register(self, arn: str, tags: Iterable[Members] | None) -> None:
        """Makes the ARN known, with the tags of its Create request."""
        self._tags[arn] = {tag["Key"]: tag["Value"] for tag in tags or ()}

    def forget(self, arn: str) -> None:
        self._tags.pop(arn, None)

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource; raises `KeyError` for an unknown ARN."""
        return self._tags[arn]
