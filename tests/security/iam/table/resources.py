"""The policies of buckets, keys, topics and queues: they hold against everybody, also administrators."""

from tests.security.iam.rows import ADMINISTRATOR, OTHER_ACCOUNT, ROOT, STRANGER, Row, may, never, where

BUCKETS = ("{data}", "{artifacts}", "{capture}", "{logs-bucket}")
ENCRYPTED = ("{data}", "{artifacts}", "{capture}")
_HERE = {"aws:SourceAccount": "{account}"}


def bucket(arn: str) -> list[Row]:
    item = f"{arn}/processed/{{use-case}}/file"
    return [
        Row(ADMINISTRATOR, "s3:GetObject", item, True, "TLS 1.3 within the account"),
        Row(ADMINISTRATOR, "s3:ListBucket", arn, True, "TLS 1.3 within the account"),
        *never(ADMINISTRATOR, "s3:GetObject s3:PutObject", item, "clear text",
               given={"aws:SecureTransport": "false", "s3:TlsVersion": ""}),
        *never(ADMINISTRATOR, "s3:ListBucket", arn, "clear text",
               given={"aws:SecureTransport": "false", "s3:TlsVersion": ""}),
        *never(ADMINISTRATOR, "s3:GetObject", item, "TLS 1.1 is broken", given={"s3:TlsVersion": "1.1"}),
        *never(ADMINISTRATOR, "s3:ListBucket", arn, "TLS 1.1 is broken", given={"s3:TlsVersion": "1.1"}),
        *never(STRANGER, "s3:GetObject s3:PutObject", item, "no bucket is shared with another account"),
    ]  # fmt: skip


_KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_ENCRYPTION_HEADER = "s3:x-amz-server-side-encryption"


def encrypted(arn: str, key: str = "{key}") -> list[Row]:
    item, ours = f"{arn}/processed/{{use-case}}/file", {_ENCRYPTION_HEADER: "aws:kms", _KEY_HEADER: key}
    return [
        Row(ADMINISTRATOR, "s3:PutObject", item, True, "what names no key gets the bucket's"),
        Row(ADMINISTRATOR, "s3:PutObject", item, True, "what names the bucket's key", ours),
        *never(ADMINISTRATOR, "s3:PutObject", item, "a foreign key is one that can be taken away",
               given={**ours, _KEY_HEADER: f"arn:aws:kms:{{region}}:{OTHER_ACCOUNT}:key/elsewhere"}),
        *never(ADMINISTRATOR, "s3:PutObject", item, "S3's own key is nobody's", given={_ENCRYPTION_HEADER: "AES256"}),
    ]  # fmt: skip


_RAW = "{data}/raw/{use-case}/houses.csv"
_RAW_DATA = [
    *never(ADMINISTRATOR, "s3:GetObject s3:GetObjectVersion", _RAW, "raw data are for their readers only"),
    *never("training", "s3:GetObjectVersion", _RAW, "nor are their old versions for others"),
    Row(ADMINISTRATOR, "s3:PutObject", _RAW, True, "bringing is not reading"),
    Row("role/{env}/{env}-catalog-crawler", "s3:GetObject", _RAW, True, "so are the catalog's roles, which come later"),
    Row("role/{env}/{env}-x-deliver", "s3:GetObject", _RAW, True, "so are jobs of deliveries, which check exports"),
    Row(ROOT, "s3:GetObject", _RAW, True, "somebody can break the glass"),
]  # fmt: skip
_SERVED = "{artifacts}/models/{use-case}/1/model.tar.gz"
_VERSIONS = [
    *never(ADMINISTRATOR, "s3:PutObject", _SERVED, "what belongs to a version is never written over, by nobody"),
    *where("unfollowed", [
        Row(ADMINISTRATOR, "s3:PutObject", _SERVED, True, "where nothing is yet", {"s3:if-none-match": "*"}),
    ]),
    Row(ADMINISTRATOR, "s3:PutObject", "{artifacts}/executions/{use-case}/1/record/record.json", True,
        "SageMaker's uploads set no condition"),
]  # fmt: skip
_LOGGED = [
    row
    for source in ("data", "artifacts", "capture")
    for row in may("logging.s3.amazonaws.com", "s3:PutObject", f"{{logs-bucket}}/{source}/log",
                   f"S3 delivers the access log of {source}",
                   only={"aws:SourceArn": f"{{{source}}}", **_HERE})
]  # fmt: skip

_LOG_GROUP = "kms:EncryptionContext:aws:logs:arn"


def key_of_logs(key: str, region: str = "{region}") -> list[Row]:
    logs = f"logs.{region}.amazonaws.com"
    actions = "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom"
    return [
        *may(logs, actions, key, "log groups are encrypted by it", anywhere=True,
             given={_LOG_GROUP: f"arn:aws:logs:{region}:{{account}}:log-group:x"}),
        *never(logs, actions, key, "nothing but log groups is"),
        *never(logs, actions, key, "log groups of other accounts are not",
               given={_LOG_GROUP: f"arn:aws:logs:{region}:{OTHER_ACCOUNT}:log-group:x"}),
        Row(ADMINISTRATOR, "kms:DescribeKey", key, True, "the account's own policies decide about its key"),
        *never(STRANGER, "kms:Decrypt", key, "no key is shared with another account"),
    ]  # fmt: skip


_ALERTS = [
    *may("cloudwatch.amazonaws.com", "kms:Decrypt kms:GenerateDataKey", "{key}", "alerts are encrypted by it",
         only=_HERE),
    *may("events.amazonaws.com", "kms:Decrypt kms:GenerateDataKey", "{key}",
         "so is the queue of events, and EventBridge does not say for which account it asks", anywhere=True),
    *never("events.amazonaws.com", "kms:Encrypt", "{key}", "queues are written with keys that it is given"),
]  # fmt: skip

_BUDGET = "arn:aws:budgets::{account}:budget/x"
_OTHERS_BUDGET = f"arn:aws:budgets::{OTHER_ACCOUNT}:budget/x"


def _budgets(actions: str, resource: str) -> list[Row]:
    who, source = "budgets.amazonaws.com", {"aws:SourceArn": _BUDGET}
    return [
        *may(who, actions, resource, "budgets tell people", given=source, only=_HERE, anywhere=True),
        *never(who, actions, resource, "not without a budget", given=_HERE),
        *never(who, actions, resource, "nor for others' budgets", given={**_HERE, "aws:SourceArn": _OTHERS_BUDGET}),
    ]  # fmt: skip


_BUDGET_ALERTS = [*_budgets("sns:Publish", "{Alerts}"), *_budgets("kms:Decrypt kms:GenerateDataKey", "{key}")]
ROWS = [
    *(row for arn in BUCKETS for row in bucket(arn)),
    *(row for arn in ENCRYPTED for row in encrypted(arn)),
    *_RAW_DATA,
    *_VERSIONS,
    *where("Budget", _BUDGET_ALERTS),
    *_LOGGED,
    *key_of_logs("{key}"),
    *key_of_logs("{FlowLogKey}"),
    *_ALERTS,
    *may("cloudwatch.amazonaws.com", "sns:Publish", "{Alerts}", "alarms tell people", only=_HERE),
    *(row for topic in ("{Alerts}", "{AnsweredTopic}", "{FailedTopic}") for row in (
        Row(ADMINISTRATOR, "sns:Publish", topic, True, "over TLS"),
        *never(ADMINISTRATOR, "sns:Publish", topic, "clear text", given={"aws:SecureTransport": "false"}),
    )),
    *may("events.amazonaws.com", "sqs:SendMessage", "{UndeliveredDecisions}", "what could not be delivered is kept",
         only={"aws:SourceArn": "{decision}"}),
    *may("events.amazonaws.com", "sqs:SendMessage", "{UndeliveredAlarms}", "what could not be delivered is kept",
         only={"aws:SourceArn": "{events}:rule/{env}-{use-case}-retrain"}),
    Row(ADMINISTRATOR, "sqs:ReceiveMessage", "{UndeliveredDecisions}", True, "people look at what was not delivered"),
    *never(ADMINISTRATOR, "sqs:ReceiveMessage",
           ["{UndeliveredDecisions}", "{UndeliveredSchedules}", "{UndeliveredAlarms}", "{UndeliveredBatches}"], "clear text",
           given={"aws:SecureTransport": "false"}),
]  # fmt: skip
