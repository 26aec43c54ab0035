"""Types of single values, each with the check that explains what is allowed."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from config.facts.aws import INSTANCE_TYPES, LOG_RETENTION_DAYS, REGIONS
from config.mistakes.errors import Mistake, MistakesFoundError, suggest


def matching(pattern: str, problem: str, allowed: str, change: str) -> AfterValidator:
    """Return a check that a text matches a pattern as a whole."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise MistakesFoundError(Mistake((), value, problem, allowed, change))
        return value

    return AfterValidator(check)


def _choices(values: Sequence[str | int]) -> Any:
    """Return what an editor offers; a check of its own refuses other values and says more."""
    return Field(json_schema_extra={"enum": list(values)})


def _check_region(value: str) -> str:
    if value not in REGIONS:
        change = suggest(value, REGIONS, "write one of the regions named")
        problem = "is not a region with SageMaker's training and monitoring images"
        raise MistakesFoundError(Mistake((), value, problem, ", ".join(REGIONS), change))
    return value


def _offered_for(job: str) -> AfterValidator:
    offered = INSTANCE_TYPES[job]

    def check(value: str) -> str:
        if value in offered:
            return value
        family = ".".join(value.split(".")[:2])
        same_family = [name for name in offered if name.startswith(f"{family}.")]
        allowed = ", ".join(same_family) or f"SageMaker {job} instance types, e.g. ml.m5.large"
        problem = "does not start with ml." if not value.startswith("ml.") else f"is not offered for {job}"
        change = suggest(value, offered, "choose a type from https://aws.amazon.com/sagemaker/pricing/")
        if f"ml.{value}" in offered:
            change = f"write ml.{value}"
        raise MistakesFoundError(Mistake((), value, problem, allowed, change))

    return AfterValidator(check)


def _check_log_retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        nearest = min(LOG_RETENTION_DAYS, key=lambda days: abs(days - value))
        allowed = ", ".join(str(days) for days in LOG_RETENTION_DAYS)
        problem = "is no retention that CloudWatch Logs knows"
        raise MistakesFoundError(Mistake((), value, problem, allowed, f"write {nearest}"))
    return value


def _check_model(value: object) -> object:
    is_version = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if is_version or value in ("none", "latest-approved"):
        return value
    allowed = "none, latest-approved or a model package version, 1 or higher"
    change = suggest(value, ("none", "latest-approved"), "write none until a model has been approved")
    if isinstance(value, str) and value.isdecimal():
        change = f"write the number without quotes: {int(value)}"
    raise MistakesFoundError(Mistake((), value, "is no model to serve", allowed, change))


_EMAIL = matching(
    r"[^@\s]+@[^@\s]+\.[^@\s.]+", "is not an e-mail address", "name@example.com", "correct the address"
)
_ACCOUNT = matching(
    r"[0-9]{12}",
    "is not an account id",
    "12 digits without dashes, in quotes",
    "copy the id from the AWS console",
)
_REASON = matching(r"(?s).*\S.*", "gives no reason", "a sentence for the reviewer", "say why in a few words")
_MODULE = matching(
    r"features_[a-z0-9_]+",
    "is not the name of a features module",
    "features_<name> in lower case, without .py",
    "rename the module in pipeline_code/",
)

Account = Annotated[str, _ACCOUNT, WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]
Region = Annotated[str, AfterValidator(_check_region), _choices(REGIONS)]
Email = Annotated[str, _EMAIL]
Reason = Annotated[str, _REASON]
FeaturesModule = Annotated[str, _MODULE]
LogRetentionDays = Annotated[int, AfterValidator(_check_log_retention), _choices(LOG_RETENTION_DAYS)]
ModelVersion = Annotated[
    Literal["none", "latest-approved"] | Annotated[int, Field(ge=1)], BeforeValidator(_check_model)
]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
EndpointInstanceType = Annotated[str, _offered_for("endpoint"), _choices(INSTANCE_TYPES["endpoint"])]
TrainingInstanceType = Annotated[str, _offered_for("training"), _choices(INSTANCE_TYPES["training"])]
ProcessingInstanceType = Annotated[str, _offered_for("processing"), _choices(INSTANCE_TYPES["processing"])]
