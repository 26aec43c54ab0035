"""The form of texts where AWS is stricter than botocore's model, with the words of its refusal.

The words are recorded from AWS; the rows of `tests/tools/local_aws/refusals` say where.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request

_NAMED_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_NAMED_DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT"
_DAY = r"0?[1-9]|[12]\d|3[01]"


def _field(one: str, more: str = "") -> str:
    """A field of a cron expression: values, ranges, steps and lists of them, and what else it may be."""
    part = rf"(?:\*|(?:{one})(?:-(?:{one}))?)(?:/\d+)?"
    return rf"(?:{part}(?:,{part})*{more})"


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
# One of the two fields for days has to be a question mark.
_ONE_DAY = r"(?=cron\(\S+\s+\S+\s+(?:\?\s+\S+\s+\S+|\S+\s+\S+\s+\?)\s+\S+\)$)"
_CRON = _ONE_DAY + r"cron\({}\)".format(
    r"\s+".join(
        (
            _field(r"[0-5]?\d"),
            _field(r"[01]?\d|2[0-3]"),
            _field(_DAY, rf"|\?|L|LW|(?:{_DAY})W"),
            _field(rf"0?[1-9]|1[0-2]|{_NAMED_MONTHS}"),
            _field(rf"[1-7]|{_NAMED_DAYS}", r"|\?|L|[1-7]L|[1-7]#[1-5]"),
            _field(r"19[7-9]\d|2[01]\d\d"),
        )
    )
)
_RATE = r"rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d+) (?:minutes|hours|days))\)"
_ANY_RATE = r"rate\([1-9]\d* (?:minutes?|hours?|days?)\)"
_AT = r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
_STACK_NAME = "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
_AN_ARN = r"(?:[^:]*:){5}.*"
_SHORT_ARN = "An ARN must have at least 6 elements, not 1"
_BUCKET = r"(?!xn--)(?!.*\.\.)(?!(?:\d+\.){3}\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_PROTOCOLS = "http|https|email|email-json|sms|sqs|application|lambda|firehose"


@dataclass(frozen=True)
class Form:
    """The form of one text of a call; `{value}` in the message is what was given."""

    call: str
    member: str
    pattern: str
    code: str
    message: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.DOTALL | re.ASCII)


_FAILED = "1 validation error detected: Value '{value}' at '%s' failed to satisfy constraint: Member must "
_MALFORMED_POLICY = "Policies must be valid JSON and the first byte must be '{{'"
_FORMS = (
    *(
        Form(
            f"cloudformation:{operation}",
            "StackName",
            _STACK_NAME,
            "ValidationError",
            (_FAILED % "stackName") + "satisfy regular expression pattern: " + _STACK_NAME,
        )
        for operation in ("CreateStack", "UpdateStack", "CreateChangeSet", "DeleteStack")
    ),
    *(
        Form(
            f"cloudformation:{operation}",
            "TemplateBody",
            ".{1,51200}",
            "ValidationError",
            (_FAILED % "templateBody") + "have length less than or equal to 51200",
        )
        for operation in ("CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate")
    ),
    Form(
        *("cloudwatch:PutDashboard", "DashboardName", "[A-Za-z0-9_-]+", "InvalidParameterValue"),
        "The value for field DashboardName contains invalid characters. "
        "It can only contain alphanumerics, dash (-) and underscore (_). ",
    ),
    Form(
        *("events:PutRule", "ScheduleExpression", f"{_CRON}|{_RATE}", "ValidationException"),
        "Parameter ScheduleExpression is not valid.",
    ),
    *(
        Form(
            *(f"scheduler:{verb}Schedule", "ScheduleExpression", f"{_CRON}|{_ANY_RATE}|{_AT}"),
            *("ValidationException", "Invalid Schedule Expression {value}."),
        )
        for verb in ("Create", "Update")
    ),
    Form(
        *("iam:AttachRolePolicy", "PolicyArn", _AN_ARN, "ValidationError"),
        "Invalid ARN:  Could not be parsed!",
    ),
    Form(
        *("kms:CreateAlias", "AliasName", "alias/.*", "ValidationException"),
        'Alias must start with the prefix "alias/". Please see '
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    ),
    Form("s3:CreateBucket", "Bucket", _BUCKET, "InvalidBucketName", "The specified bucket is not valid."),
    Form("s3:PutBucketPolicy", "Policy", r"\{.*\}\s*", "MalformedPolicy", _MALFORMED_POLICY),
    Form(
        *("s3:PutBucketPolicy", "Policy", '.*"Statement".*', "MalformedPolicy"),
        "Missing required field Statement",
    ),
    Form(
        *("sns:CreateTopic", "Name", r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?", "InvalidParameter"),
        "Invalid parameter: Topic Name",
    ),
    Form(
        *("sns:GetTopicAttributes", "TopicArn", _AN_ARN, "InvalidParameter"),
        f"Invalid parameter: TopicArn Reason: {_SHORT_ARN}",
    ),
    Form("sns:Publish", "Message", ".+", "InvalidParameter", "Invalid parameter: Empty message"),
    Form("sns:Publish", "Subject", r"[^\x00-\x1f]{1,100}", "InvalidParameter", "Invalid parameter: Subject"),
    Form(
        *("sns:Subscribe", "Protocol", _PROTOCOLS, "InvalidParameter"),
        "Invalid parameter: Amazon SNS does not support this protocol string: {value}",
    ),
    Form(
        *("sns:Unsubscribe", "SubscriptionArn", _AN_ARN, "InvalidParameter"),
        f"Invalid parameter: SubscriptionArn Reason: {_SHORT_ARN}",
    ),
    Form(
        *("sqs:SendMessage", "MessageBody", ".+", "MissingParameter"),
        "The request must contain the parameter MessageBody.",
    ),
    Form(
        "sts:AssumeRole",
        "RoleArn",
        r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+",
        "ValidationError",
        "{value} is invalid",
    ),
)


def ill_formed(request: Request) -> Iterator[ApiError]:
    """The refusals of the request's texts that do not have the form that AWS wants."""
    call = f"{request.service}:{request.operation}"
    for form in _FORMS:
        value = request.members.get(form.member) if form.call == call else None
        value = value.decode(errors="replace") if isinstance(value, bytes) else value
        if isinstance(value, str) and not form.compiled.fullmatch(value):
            yield ApiError(form.code, form.message.format(value=value))
