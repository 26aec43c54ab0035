"""How raw data of a use case gets here when nobody uploads it: what to run, and what it must be allowed.

A bucket of another account is read where it is. Redshift and EMR write deliveries into the data bucket: each
into a folder of its own below `raw/<use case>/`, which an execution of the pipeline then names as its input.
"""

import json
from collections.abc import Iterable
from typing import Any

from config.mistakes.errors import Mistake
from config.settings import (
    BucketSource,
    ConfigurationError,
    EmrSource,
    Environment,
    RedshiftSource,
    Source,
    UseCase,
)
from stacks.parts.layout import Bucket, Zone
from stacks.permissions.statements import Statement, allow, read_zones

DELIVERY = "<delivery>"
"""Stands for the folder of one delivery, for example the day."""
MOST_BUCKET_SOURCES = 9
"""Each is a policy of the processing role, which has one more, and another one where there is an image of our
own; a role has at most ten: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def read_statements(source: BucketSource) -> list[Statement]:
    """What the processing role needs for a bucket of another account, whose policy must allow the same."""
    owner = f"account {source.account}, which delivers raw data"
    statements = read_zones("SourceBucket", _zone(source), foreign=owner)
    if source.key_arn:
        statements.append(allow("DecryptSource", "kms:Decrypt", [source.key_arn], foreign=owner))
    return statements


def check_bucket_sources(environment: Environment, use_cases: Iterable[UseCase]) -> None:
    """Raise ConfigurationError for more of them than the processing role can have policies."""
    here = list(use_cases)
    sources = {use_case.name: use_case.source for use_case in here if use_case.source}
    names = [name for name, source in sources.items() if source.bucket and not source.delivers]
    most = MOST_BUCKET_SOURCES - any(use_case.image == "own" for use_case in here)
    if len(names) > most:
        mistake = Mistake(
            ("use_cases",),
            names,
            f"{len(names)} use cases read raw data in buckets of other accounts",
            f"at most {most}, because each needs a policy and a role has ten",
            "let some accounts deliver into the data bucket, or use another environment",
            f"config/environments/{environment.name}.yaml",
        )
        raise ConfigurationError([mistake])


def _zone(source: BucketSource) -> Zone:
    return Zone(Bucket.named(source.name), source.prefix.rstrip("/"))


def delivery(source: Source, *, raw_uri: str, key_arn: str) -> str:
    """What brings one delivery: the input to name, the SQL to run, or the step to add."""
    if source.bucket:
        return f"InputData={_zone(source.bucket).uri(DELIVERY, '')}"
    target = f"{raw_uri}/{DELIVERY}/"
    if source.redshift:
        return unload_statement(source.redshift, target=target, key_arn=key_arn)
    assert source.emr is not None
    return json.dumps(emr_step(source.emr, target=target))


def unload_statement(source: RedshiftSource, *, target: str, key_arn: str) -> str:
    """The SQL that writes the query's result as CSV files with a header, encrypted with the given key.

    https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
    """
    query = source.query.rstrip().rstrip(";").replace("'", "''")
    return (
        f"UNLOAD ('{query}') TO '{target}' IAM_ROLE '{source.cluster_role_arn}' "
        f"KMS_KEY_ID '{key_arn}' ENCRYPTED FORMAT CSV HEADER EXTENSION 'csv'"
    )


def emr_step(source: EmrSource, *, target: str) -> dict[str, Any]:
    """The request of AddJobFlowSteps that runs the script, with the place to write to as last argument.

    https://docs.aws.amazon.com/emr/latest/APIReference/API_AddJobFlowSteps.html
    """
    arguments = ["spark-submit", "--deploy-mode", "cluster", source.script, *source.arguments, target]
    jar = {"Jar": "command-runner.jar", "Args": arguments}
    return {
        "JobFlowId": source.cluster_id,
        "Steps": [{"Name": "Deliver raw data", "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}],
    }
