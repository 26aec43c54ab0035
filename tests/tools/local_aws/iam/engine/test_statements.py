"""Decisions about Effect, Action and Resource."""

import pytest

from tests.tools.local_aws.iam.engine.situations import GET, JOB, OBJECT, TRAIN, Case, allow, deny

STATEMENTS = [
    Case("no policy at all denies", False),
    Case("an allow allows", True, [allow()]),
    Case("a deny wins over an allow", False, [allow(), deny()]),
    Case("the order of statements is irrelevant", False, [deny(), allow()]),
    Case("a single statement need not be a list", True, [allow(GET, OBJECT)]),
    Case("another action is not allowed", False, [allow("s3:PutObject")]),
    Case("actions ignore case", True, [allow("S3:getobject")]),
    Case("an action may end in a wildcard", True, [allow("s3:Get*")]),
    Case("an action wildcard matches inside", True, [allow("s3:*Object")]),
    Case("an action question mark is one character", True, [allow("s3:?etObject")]),
    Case("an action question mark is not zero characters", False, [allow("s3:Get?Object")]),
    Case(
        "NotAction allows everything else", True, [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]
    ),
    Case("NotAction excludes", False, [{"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"}]),
    Case(
        "Deny NotAction spares what it names",
        True,
        [allow(), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}],
    ),
    Case("a resource must match", False, [allow(GET, "arn:aws:s3:::other/*")]),
    Case("a resource prefix matches", True, [allow(GET, "arn:aws:s3:::data/raw/*")]),
    Case("resources respect case", False, [allow(GET, "arn:aws:s3:::DATA/raw/*")]),
    Case(
        "one of several resources is enough", True, [allow(GET, ["arn:aws:s3:::x/*", "arn:aws:s3:::data/*"])]
    ),
    Case("the bucket is not its objects", False, [allow(GET, "arn:aws:s3:::data")]),
    Case(
        "objects are not the bucket",
        False,
        [allow("s3:ListBucket", "arn:aws:s3:::data/*")],
        action="s3:ListBucket",
        resource="arn:aws:s3:::data",
    ),
    Case(
        "NotResource allows everything else",
        True,
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}],
    ),
    Case(
        "NotResource excludes",
        False,
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::data/*"}],
    ),
    Case(
        "Deny NotResource denies the rest",
        False,
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}],
    ),
    Case(
        "a star inside a segment stays inside",
        False,
        [allow(TRAIN, "arn:aws:sagemaker:us*1:training-job/t-1")],
        action=TRAIN,
        resource=JOB,
    ),
    Case(
        "a star that ends a segment may reach over the colon",
        True,
        [allow(TRAIN, "arn:aws:sagemaker:*:training-job/t-1")],
        action=TRAIN,
        resource=JOB,
    ),
    Case(
        "an incomplete ARN means the whole service",
        True,
        [allow(TRAIN, "arn:aws:sagemaker")],
        action=TRAIN,
        resource=JOB,
    ),
    Case(
        "an incomplete ARN of another service does not match",
        False,
        [allow(TRAIN, "arn:aws:s3")],
        action=TRAIN,
        resource=JOB,
    ),
    Case("regular expression characters are ordinary", False, [allow(GET, "arn:aws:s3:::data/raw/aXcsv")]),
]


@pytest.mark.parametrize("case", STATEMENTS, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
