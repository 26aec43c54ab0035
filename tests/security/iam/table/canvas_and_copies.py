"""What options add that no committed environment takes: Canvas, a source elsewhere, copies elsewhere."""

from tests.security.iam.rows import ADMINISTRATOR, ROOT, Row, may, never, where
from tests.security.iam.table.resources import bucket, encrypted, key_of_logs

_ABROAD = {"aws:RequestedRegion": "{replication-region}"}
_HERE = {"aws:SourceAccount": "{account}"}
_COPY, _KEY = "arn:aws:s3:::{env}-{account}-data-copy", "{copies/Key}"
_SOURCE = "{data}/raw/{use-case}/houses.csv"
_CANVAS = "{sagemaker}:app/{Domain.ref}/ada/Canvas/default"
_VERSIONS = "s3:GetObjectVersionAcl s3:GetObjectVersionForReplication s3:GetObjectVersionTagging"

_RUN_CANVAS = [
    *may("data-scientist", "sagemaker:CreateApp sagemaker:DeleteApp", _CANVAS, "Canvas runs for a person",
         only={"aws:SourceIdentity": "ada"}, anywhere=True),
    *never("data-scientist", "sagemaker:CreateApp", _CANVAS.replace("/Canvas/", "/JupyterLab/"), "for Canvas only",
           given={"aws:SourceIdentity": "ada"}),
]  # fmt: skip
_REPLICATION = [
    *may("s3.amazonaws.com", "sts:AssumeRole", "{role:replication}", "S3 copies", only=_HERE, anywhere=True),
    *never("lambda.amazonaws.com", "sts:AssumeRole", "{role:replication}", "nobody else copies", given=_HERE),
    *may("replication", "s3:GetReplicationConfiguration s3:ListBucket", ["{data}", "{artifacts}"], "it reads the rules"),
    *may("replication", _VERSIONS, [_SOURCE, "{artifacts}/models/x"], "it reads what is new", anywhere=True),
    *never("replication", _VERSIONS, "{capture}/x", "what people asked a model stays in its region"),
    *may("replication", "s3:ReplicateObject s3:ReplicateTags", [f"{_COPY}/raw/x", f"{_COPY.replace('data', 'artifacts')}/x"],
         "it writes copies", anywhere=True, given=_ABROAD),
    *never("replication", "s3:ReplicateObject s3:ReplicateTags", "arn:aws:s3:::elsewhere/x", "nowhere else", given=_ABROAD),
    *never("replication", "s3:ReplicateDelete", f"{_COPY}/raw/x", "a deletion is not copied", given=_ABROAD),
    *never("replication", "s3:GetObject s3:DeleteObject", _SOURCE, "it neither reads for others nor removes"),
    *may("replication", "kms:Decrypt", "{key}", "sources are encrypted",
         only={"kms:ViaService": "s3.{region}.amazonaws.com"}),
    *may("replication", "kms:Encrypt kms:GenerateDataKey", _KEY, "copies are encrypted", anywhere=True,
         given={**_ABROAD, "kms:ResourceAliases": ("alias/{env}-copies",)},
         only={"kms:ViaService": "s3.{replication-region}.amazonaws.com"}),
    *never("replication", "kms:Encrypt kms:GenerateDataKey", _KEY, "with that key only",
           given={**_ABROAD, "kms:ViaService": "s3.{replication-region}.amazonaws.com", "kms:ResourceAliases": ("alias/x",)}),
    *never("replication", "kms:Encrypt kms:GenerateDataKey", "{key}", "copies have a key of their own",
           given={"kms:ViaService": "s3.{replication-region}.amazonaws.com", "kms:ResourceAliases": ("alias/{env}-copies",)}),
]  # fmt: skip
_RAW_COPY, _VERSION_COPY = f"{_COPY}/raw/x", f"{_COPY.replace('data', 'artifacts')}/models/x/1/model.tar.gz"
_AS_PROTECTED = [
    *never(ADMINISTRATOR, "s3:GetObject s3:GetObjectVersion", _RAW_COPY, "raw data are for their readers only, copied or not"),
    Row(ADMINISTRATOR, "s3:GetObject", f"{_COPY}/processed/x", True, "the rest is like the original"),
    *(
        Row(f"role/{{env}}/{{env}}-{name}", "s3:GetObject", _RAW_COPY, True, "they read the original, too")
        for name in ("data-engineer", "processing", "preparation", "catalog-crawler", "x-deliver")
    ),
    Row(ROOT, "s3:GetObject", _RAW_COPY, True, "somebody can break the glass"),
    *never(ADMINISTRATOR, "s3:PutObject", _VERSION_COPY, "what belongs to a version is never written over, by nobody"),
    Row(ADMINISTRATOR, "s3:PutObject", _VERSION_COPY, True, "where nothing is yet", {"s3:if-none-match": "*"}),
]  # fmt: skip
_COPIES = [
    row
    for name in ("CopyOfData", "CopyOfArtifacts")
    for row in (
        *bucket(f"{{copies/{name}}}"),
        *encrypted(f"{{copies/{name}}}", _KEY),
        *may("logging.s3.amazonaws.com", "s3:PutObject", f"{{copies/AccessLogs}}/{name.lower()}/log",
             f"S3 delivers the access log of {name}", anywhere=True, only={"aws:SourceArn": f"{{copies/{name}}}", **_HERE}),
        *never("logging.s3.amazonaws.com", "s3:PutObject", "{copies/AccessLogs}/elsewhere/log", "in their place only",
               given={"aws:SourceArn": f"{{copies/{name}}}", **_HERE}),
    )
]  # fmt: skip

_LANDS, _LANDS_KEY = (
    "arn:aws:s3:::{source-bucket}",
    "{source-key}",
)
_SOURCE_BUCKET = [
    *may("processing", "s3:GetObject", f"{_LANDS}/{{source-prefix}}/2026.csv", "raw data of another account's bucket"),
    *may("processing", "s3:ListBucket", _LANDS, "deliveries there", only={"s3:prefix": "{source-prefix}/2026"}),
    *may("processing", "kms:Decrypt", _LANDS_KEY, "they are encrypted", anywhere=True),
    *never("processing", "kms:Decrypt", f"{_LANDS_KEY}-elsewhere", "not with other keys"),
    *never("processing", "s3:PutObject s3:DeleteObject", f"{_LANDS}/{{source-prefix}}/2026.csv", "a source is read"),
]  # fmt: skip

ROWS = [
    *where("SourcePolicy", _SOURCE_BUCKET),
    *where("CanvasPolicy", _RUN_CANVAS),
    *where("ReplicationRole", _REPLICATION),
    *where("copies/Key", [*_COPIES, *_AS_PROTECTED, *bucket("{copies/AccessLogs}"), *key_of_logs(_KEY, "{replication-region}")]),
]  # fmt: skip
