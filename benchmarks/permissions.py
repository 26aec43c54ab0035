"""Decisions of the IAM evaluator against moto's own check, on the same policy and requests."""

import json
from collections.abc import Callable
from itertools import product

from moto.iam.access_control import IAMPolicy, PermissionResult

from benchmarks.measuring import Measurement, Peer, medians
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

RUNS = 7
ROUNDS = 200
ROLE = "arn:aws:iam::111111111111:role/training"
OBJECTS = [
    f"arn:aws:s3:::{bucket}/{key}" for bucket in ("data", "models") for key in ("raw/a", "processed/a")
]
ACTIONS = ["s3:GetObject", "s3:PutObject"]
# No condition and no Deny, because moto's check and IAM differ about both.
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "ReadProcessedData",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::data/processed/*",
        },
        {
            "Sid": "WriteModel",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::models/*",
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/sagemaker/*",
        },
        {
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "arn:aws:kms:us-east-1:111111111111:key/0",
        },
    ],
}


def measure() -> list[Measurement]:
    """The median time of one decision; both sides must decide alike."""
    asked = list(product(ACTIONS, OBJECTS))
    ours, moto = _our_check(), _moto_check()
    for action, resource in asked:
        if ours(action, resource) != moto(action, resource):
            raise RuntimeError(f"the two checks disagree about {action} on {resource}")
    totals = medians(RUNS, lambda: _ask(ours, asked), lambda: _ask(moto, asked))
    seconds, peer = (total / (ROUNDS * len(asked)) for total in totals)
    what = f"One IAM decision, {1 / seconds:,.0f} a second, median of {RUNS}"
    return [Measurement(what, seconds, Peer("moto's IAMPolicy.is_action_permitted", peer))]


def _ask(check: Callable[[str, str], bool], asked: list[tuple[str, str]]) -> None:
    for _ in range(ROUNDS):
        for action, resource in asked:
            check(action, resource)


def _our_check() -> Callable[[str, str], bool]:
    policies = Policies(identity=(parse_policy(DOCUMENT, "training", PolicyKind.IDENTITY),))
    principal = Principal.role_session(ROLE, "benchmark")
    return lambda action, resource: decide(Request(principal, action, resource), policies).allowed


def _moto_check() -> Callable[[str, str], bool]:
    policy = IAMPolicy(json.dumps(DOCUMENT))
    return lambda action, resource: policy.is_action_permitted(action, resource) == PermissionResult.PERMITTED
