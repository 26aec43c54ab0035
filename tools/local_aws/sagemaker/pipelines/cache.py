"""Step caching: what ran well with the same key attributes in the same pipeline is not run again.

https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html
"""

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.pipelines.model import Step
from tools.local_aws.sagemaker.store import Members, now

KEY_ATTRIBUTES = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    # Of the definition, AWS compares some members only; here all of them.
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition"),
}
_DURATION = re.compile(
    r"(?P<weeks>\d+(?:\.\d+)?(?=w))?w?\s*(?P<days>\d+(?:\.\d+)?(?=d))?d?\s*"
    r"(?P<hours>\d+(?:\.\d+)?(?=h))?h?\s*(?P<minutes>\d+(?:\.\d+)?(?=m))?m?"
)
_ISO_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


@dataclass(frozen=True)
class CachedStep:
    """The result of a step that may be used again."""

    execution_arn: str
    ended: datetime
    properties: Any
    metadata: Members


@dataclass
class StepCache:
    """The cache of one pipeline."""

    _results: dict[str, CachedStep] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, step: Step, arguments: Members) -> CachedStep | None:
        """The newest result that has not expired, if the step wants caching."""
        if not _enabled(step):
            return None
        with self._lock:
            result = self._results.get(_key(step, arguments))
        expires = step.members["CacheConfig"].get("ExpireAfter")
        if result is None or (expires and result.ended + duration(expires) < now()):
            return None
        return result

    def keep(self, step: Step, arguments: Members, result: CachedStep) -> None:
        """Remembers the result of a step that succeeded."""
        if _enabled(step):
            with self._lock:
                self._results[_key(step, arguments)] = result


def _enabled(step: Step) -> bool:
    return bool(step.members.get("CacheConfig", {}).get("Enabled")) and step.type in KEY_ATTRIBUTES


def _key(step: Step, arguments: Members) -> str:
    attributes = {name: arguments.get(name) for name in KEY_ATTRIBUTES[step.type]}
    text = json.dumps([step.name, step.type, attributes], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def duration(text: str) -> timedelta:
    """The length of `P30D`, `PT2H` or `30d`; months and years count 30 and 365 days.

    Raises `JobFailedError` for anything else.
    """
    match = _ISO_DURATION.fullmatch(text) or _DURATION.fullmatch(text)
    parts = {name: float(value) for name, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise JobFailedError(f"ClientError: ExpireAfter is {text!r}; write it as P30D, PT2H or 30d.")
    days = parts.pop("years", 0) * 365 + parts.pop("months", 0) * 30 + parts.pop("days", 0)
    return timedelta(days=days, **parts)
