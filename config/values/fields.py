"""Types of values and of lists of them, each with the rule that explains what is allowed."""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.facts.aws import INSTANCE_TYPES, LOG_RETENTION_DAYS, REGIONS
from config.mistakes.errors import Mistake, checked, suggest, unknown

_MOST_ALERTS, _MOST_PERCENT = 5, 1000
_LONGEST_PROFILE_NAME = 63
_LONGEST_JOINED = 200
_COPY = "copy it from the AWS console"


def matching(pattern: str, problem: str, allowed: str, change: str = _COPY) -> Any:
    """Return a check that a text matches a pattern as a whole."""

    def rule(value: str) -> Iterator[Mistake]:
        if re.fullmatch(pattern, value) is None:
            yield Mistake((), value, problem, allowed, change)

    return checked(rule)


def between(fewest: int, most: int, what: str) -> Any:
    """Return a check that a list has so many different values."""
    allowed = f"{fewest} to {most} different {what}"

    def rule(values: Sequence[str]) -> Iterator[Mistake]:
        if not fewest <= len(values) <= most:
            change = "add one" if len(values) < fewest else "remove the surplus"
            yield Mistake((), values, f"has {len(values)} {what}", allowed, change)
        elif repeated := sorted({value for value in values if values.count(value) > 1}):
            yield Mistake((), values, f"repeats {', '.join(repeated)}", allowed, "remove the surplus")

    return checked(rule)


def _choices(values: Sequence[str | int]) -> Any:
    """Return what an editor offers; a check of its own refuses other values and says more."""
    return Field(json_schema_extra={"enum": list(values)})


def _region(value: str) -> Iterator[Mistake]:
    problem = "is not a region with SageMaker's training and monitoring images"
    return unknown(value, REGIONS, problem, "write one of the regions named")


def _offered_for(*jobs: str) -> Any:
    """Return a check of an instance type that names others of its family."""
    types, what = [name for job in jobs for name in INSTANCE_TYPES[job]], " or ".join(jobs)

    def rule(value: str) -> Iterator[Mistake]:
        family = ".".join(value.split(".")[:2])
        same_family = ", ".join(name for name in types if name.startswith(f"{family}."))
        problem = f"is not offered for {what}" if value.startswith("ml.") else "does not start with ml."
        allowed = same_family or f"SageMaker {what} instance types, e.g. ml.m5.large"
        change = "choose a type from https://aws.amazon.com/sagemaker/pricing/"
        if f"ml.{value}" in types:
            yield Mistake((), value, problem, allowed, f"write ml.{value}")
        else:
            yield from unknown(value, types, problem, change, allowed=allowed)

    return checked(rule)


def _log_retention(value: int) -> Iterator[Mistake]:
    if value not in LOG_RETENTION_DAYS:
        nearest = min(LOG_RETENTION_DAYS, key=lambda days: abs(days - value))
        problem, allowed = "is no retention of CloudWatch Logs", ", ".join(map(str, LOG_RETENTION_DAYS))
        yield Mistake((), value, problem, allowed, f"write {nearest}")


def _model(value: object) -> Iterator[Mistake]:
    is_version = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if not is_version and value not in ("none", "latest-approved"):
        allowed = "none, latest-approved or a model package version, 1 or higher"
        change = suggest(value, ("none", "latest-approved"), "write none until a model has been approved")
        if isinstance(value, str) and (number := re.fullmatch(r"(?i)(?:v|version)?[ ._-]*([0-9]+)", value)):
            change = f"write the number without quotes: {int(number[1])}"
        yield Mistake((), value, "is no model to serve", allowed, change)


def _percentages(values: Sequence[int]) -> Iterator[Mistake]:
    problem = ""
    if not 1 <= len(values) <= _MOST_ALERTS:
        problem = f"has {len(values)} shares"
    elif any(not 1 <= value <= _MOST_PERCENT for value in values):
        problem = "holds a share that is out of range"
    elif list(values) != sorted(set(values)):
        problem = "does not rise"
    if problem:
        allowed = f"one to {_MOST_ALERTS} rising whole numbers, 1 to {_MOST_PERCENT} percent"
        yield Mistake((), values, problem, allowed, "write e.g. [50, 80, 100]")


def slug(name: str) -> str:
    """Return the nearest name of lower-case words and numbers joined by single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-") or "name"


def _project(value: str) -> Iterator[Mistake]:
    if slug(value) != value:
        allowed = "lower-case words and numbers joined by single dashes, beginning with a letter"
        yield Mistake((), value, "cannot begin names on AWS", allowed, f"write {slug(value)}")


def _profile_name(value: str) -> Iterator[Mistake]:
    nearest = slug(value)[:_LONGEST_PROFILE_NAME].rstrip("-")
    if nearest != value:
        problem = f"cannot be the name of a user profile ({len(value)} characters)"
        allowed = f"1 to {_LONGEST_PROFILE_NAME} lower-case letters and digits, in words joined by dashes"
        yield Mistake((), value, problem, allowed, f"write {nearest}")


_EMAIL = matching(
    r"[^@\s]+@[^@\s]+\.[^@\s.]+", "is not an e-mail address", "name@example.com", "correct the address"
)
_ACCOUNT = matching("[0-9]{12}", "is not an account id", "12 digits without dashes, in quotes")
_REASON = matching(r"(?s).*\S.*", "gives no reason", "a sentence for the reviewer", "say why in a few words")
TREATMENT = r"drop|(mask [1-9]|bucket [1-9])[0-9]{0,8}"
_TREATMENT = matching(
    TREATMENT,
    "is no treatment of personal data",
    "drop, mask <characters that stay>, bucket <width of a class of numbers, or days>",
    "write e.g. drop, mask 2 or bucket 10",
)
_MODULE = matching(
    r"features_[a-z0-9_]+",
    "is not the name of a features module",
    "features_<name> in lower case, without .py",
    "rename the module in pipeline_code/",
)
IMPUTATION = r"(median|mean|most_frequent|constant [^\s,:|\"]([^,:|\"]{0,60}[^\s,:|\"])?)( indicator)?"
_IMPUTATION = matching(
    IMPUTATION,
    "does not say what stands for a missing cell",
    "median, mean, most_frequent or constant <value>, with the word indicator behind it or not",
    "write e.g. mean, constant 0 or median indicator",
)
_DERIVED_NAME = matching(
    r"[A-Za-z_][A-Za-z0-9_]{0,63}",
    "is no name of a derived column",
    "1 to 64 letters, digits and underscores, not beginning with a digit",
    "rename it",
)
_USER_POOL = matching(
    r"[a-z]{2}-[a-z]+-[0-9]_[0-9A-Za-z]{1,46}", "is no user pool", "<region>_<letters and digits>"
)
_CLIENT = matching(r"[0-9a-z]{1,128}", "is no app client of a user pool", "lower-case letters and digits")
_ROLE = matching(
    r"arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", "is no role", "arn:aws:iam::<12 digits>:role/<name>"
)
_KEY = matching(
    r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]{36}",
    "is no KMS key",
    "arn:aws:kms:<region>:<12 digits>:key/<id>, not an alias",
)
_BUCKET = matching(
    r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "is no bucket name",
    "3 to 63 lower-case letters, digits, dots and dashes, without s3://",
    "write the bare name",
)
_OBJECT = matching(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S{1,1024}",
    "is no object in S3",
    "s3://<bucket>/<key>",
    "write the whole address",
)
_FOLDER = matching(
    # Policies name the objects below it: a wildcard or a variable here would open more than this folder.
    r"(?!/)[A-Za-z0-9!_.'()=+@:/ -]{1,512}(?<! )",
    "is no folder in S3",
    "letters, digits, spaces and ! - _ . ' ( ) = + @ : /, without a slash at the beginning",
    "write the folder as in the bucket",
)
_EMR_CLUSTER = matching("j-[0-9A-Z]{8,20}", "is no EMR cluster", "j- and capital letters and digits")
_GITHUB_REPOSITORY = matching(
    # A wildcard here would let other repositories deploy.
    r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}",
    "is no GitHub repository",
    "owner/name, without https://github.com/ and without wildcards",
    "write e.g. octo-org/octo-repo",
)
_GITHUB_ENVIRONMENT = matching(
    r"(?=.{1,255}$)[A-Za-z0-9_.-]+",
    "is no name of a GitHub environment",
    "1 to 255 letters, digits, dots, dashes and underscores, without wildcards",
    "write the name as in the repository's settings",
)

_LABEL = matching(
    r"\S(.*\S)?", "is no label", "text without spaces around it", "write the label as in the data"
)
_SAMPLE_FILE = matching(
    r"[\w-][\w.-]*\.csv",
    "is no file of sample data",
    "the name of a .csv file in data/",
    "put the file into data/, and write its name",
)
_TABLE = matching(
    r"[A-Za-z0-9_.-]{3,255}",
    "is no table of DynamoDB",
    "3 to 255 letters, digits, dots, dashes and underscores; no ARN: every environment has its own table",
    "write the bare name",
)

_MARKER = matching(
    r"[\w][\w.-]{0,99}", "is no marker", "the name of an object, without slashes", "write e.g. _SUCCESS"
)


# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParentHyperParameterTuningJob.html
_TUNING_JOB = matching(
    r"(?=.{1,32}$)[A-Za-z0-9](-*[A-Za-z0-9])*",
    "is no name of a tuning job",
    "1 to 32 letters, digits and dashes",
    "copy it from an earlier execution's step Tune",
)


def _joined(of_empty: str) -> Any:
    """Return a check of texts that a job is told in one argument."""
    allowed = f"texts without |, at most {_LONGEST_JOINED} characters together"

    def rule(values: Sequence[str]) -> Iterator[Mistake]:
        refused = [value for value in values if not value or "|" in value or not value.isprintable()]
        if refused or len("|".join(values)) > _LONGEST_JOINED:
            change = of_empty if "" in refused else "shorten the list"
            yield Mistake((), values, "cannot be an argument of a job", allowed, change)

    return checked(rule)


Account = Annotated[str, _ACCOUNT, WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]
Region = Annotated[str, checked(_region), _choices(REGIONS)]
Email = Annotated[str, _EMAIL]
Reason = Annotated[str, _REASON]
TuningJobName = Annotated[str, _TUNING_JOB]
Treatment = Annotated[str, _TREATMENT]
Imputation = Annotated[str, _IMPUTATION]
DerivedName = Annotated[str, _DERIVED_NAME]
FeaturesModule = Annotated[str, _MODULE]
Project = Annotated[str, checked(_project)]
ProfileName = Annotated[str, checked(_profile_name)]
UserPoolId = Annotated[str, _USER_POOL]
UserPoolClientId = Annotated[str, _CLIENT]
RoleArn = Annotated[str, _ROLE]
KeyArn = Annotated[str, _KEY]
BucketName = Annotated[str, _BUCKET]
S3Uri = Annotated[str, _OBJECT]
S3Prefix = Annotated[str, _FOLDER]
EmrClusterId = Annotated[str, _EMR_CLUSTER]
TableName = Annotated[str, _TABLE]
MarkerName = Annotated[str, _MARKER]
GithubRepository = Annotated[str, _GITHUB_REPOSITORY]
GithubEnvironment = Annotated[str, _GITHUB_ENVIRONMENT]
LogRetentionDays = Annotated[int, checked(_log_retention), _choices(LOG_RETENTION_DAYS)]
ModelVersion = Annotated[
    Literal["none", "latest-approved"] | Annotated[int, Field(ge=1)], checked(_model, BeforeValidator)
]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
Label = Annotated[str, _LABEL]
SampleFile = Annotated[str, _SAMPLE_FILE]
MissingValues = Annotated[Texts, _joined("leave it out; an empty cell is missing anyway")]
Categories = Annotated[Texts, _joined("leave it out; an empty cell is no category")]
UserGroups = Annotated[Texts, between(1, 10, "groups")]
AlertPercentages = Annotated[tuple[int, ...], Field(strict=False), checked(_percentages)]

EndpointInstanceType = Annotated[str, _offered_for("endpoint"), _choices(INSTANCE_TYPES["endpoint"])]
TrainingInstanceType = Annotated[str, _offered_for("training"), _choices(INSTANCE_TYPES["training"])]
ProcessingInstanceType = Annotated[str, _offered_for("processing"), _choices(INSTANCE_TYPES["processing"])]
TransformInstanceType = Annotated[str, _offered_for("transform"), _choices(INSTANCE_TYPES["transform"])]
_InstanceTypes = Annotated[tuple[Annotated[str, _offered_for(*INSTANCE_TYPES)], ...], Field(strict=False)]
InstanceTypes = Annotated[_InstanceTypes, between(1, 200, "instance types")]
_StudioTypes = Annotated[tuple[Annotated[str, _offered_for("studio")], ...], Field(strict=False)]
StudioInstanceTypes = Annotated[_StudioTypes, between(1, 50, "instance types")]

Weekday = Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
Weekdays = Annotated[tuple[Weekday, ...], Field(strict=False), between(1, 7, "days")]
WORKDAYS: tuple[Weekday, ...] = ("MON", "TUE", "WED", "THU", "FRI")

_TIME_OF_DAY = "([01][0-9]|2[0-3]):[0-5][0-9]"
_MINUTES_OF_AN_HOUR, _HOURS_OF_A_DAY = 60, 24

_ZONES = files("tzdata").joinpath("zones").read_text("utf-8").split()
TIME_ZONES = tuple(zone for zone in _ZONES if "/" in zone or zone == "UTC")
"""UTC and the zones of the tz database that are named after places, in the version that is pinned."""


def _time_of_day(value: object) -> Iterator[Mistake]:
    if not isinstance(value, str) or not re.fullmatch(_TIME_OF_DAY, value):
        allowed = "two digits, a colon, two digits: 00:00 to 23:59"
        yield Mistake((), value, "is no time of day", allowed, f'write "{_nearest_time(value) or "19:00"}"')


def _nearest_time(value: object) -> str:
    """Return what 7, "7:00" or 1140 means, which is how YAML 1.1 reads 19:00; empty if it means nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        hour, minute = (value, 0) if value < _HOURS_OF_A_DAY else divmod(value, _MINUTES_OF_AN_HOUR)
    elif isinstance(value, str) and (match := re.fullmatch("([0-9]{1,2})(:([0-9]{1,2}))?", value)):
        hour, minute = int(match[1]), int(match[3] or 0)
    else:
        return ""
    text = f"{hour:02}:{minute:02}"
    return text if re.fullmatch(_TIME_OF_DAY, text) else ""


def _time_zone(value: str) -> Iterator[Mistake]:
    cities = {zone.rpartition("/")[2].lower(): zone for zone in TIME_ZONES}
    change = "write UTC, or the zone of the nearest large city"
    if value.lower() in cities:
        change = f"did you mean {cities[value.lower()]}?"
    allowed = "UTC, or a place of the tz database, e.g. Europe/Berlin"
    return unknown(value, TIME_ZONES, "is no time zone", change, allowed=allowed)


TimeOfDay = Annotated[str, Field(pattern=f"^({_TIME_OF_DAY})$"), checked(_time_of_day, BeforeValidator)]
TimeZone = Annotated[str, checked(_time_zone)]
