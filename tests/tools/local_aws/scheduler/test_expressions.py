"""When schedules and rules strike is written as AWS takes it; each row is an answer recorded from AWS.

The recordings: github.com/localstack/localstack, Apache-2.0, 2025, in tests/aws/services
scheduler/test_scheduler.py and events/test_events_schedule.py.
"""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws
from tools.local_aws.scheduler.expressions import is_schedule

TAKEN = [
    *("cron(0 10 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)"),
    *("cron(0/5 8-17 ? * MON-FRI *)", "cron(0/30 20-23 ? * MON-FRI *)", "cron(5,35 14 * * ? *)"),
    *(
        "cron(0 2 ? * SAT *)",
        "cron(15 10 ? * 6L 2002-2005)",
        "cron(0 2 ? * SAT#3 *)",
        "cron(* * ? * SAT#3 *)",
    ),
    *("cron(0/5 5 ? JAN 1-5 2022)", "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)", "cron(1-31/30 1-1 ? * 1,7 *)"),
    *("cron(*/15 * * * ? *)", "cron(0-59/10 0-23/2 ? * * *)"),
]
REFUSED = [
    *("cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)", "cron()"),
    *("cron(71 8 1 * ? *)", "rate(10 seconds)", "rate(10 years)", "rate()", "rate(10)", "rate(10 minutess)"),
    *("rate(foo minutes)", "rate(-10 minutes)", "rate( 10 minutes )", " rate(10 minutes)"),
]
REFUSED_OF_SCHEDULES = ["at(2021-12-31T23:59:59Z)", "at(2021-12-31)"]
REFUSED_OF_RULES = [
    *("rate(1 minutes)", "rate(1 hours)", "rate(1 days)", "rate(10 minute)", "rate(10 hour)", "rate(10 day)"),
    *("rate(0 minutes)", "rate(10 MINUTES)"),
]

ROLE = "arn:aws:iam::111111111111:role/r"


@pytest.mark.parametrize("expression", TAKEN)
def test_what_aws_takes_is_taken(expression: str) -> None:
    assert is_schedule(expression, ["cron"])


@pytest.mark.parametrize("expression", ["rate(1 minute)", "rate(10 minutes)", "at(2022-12-31T23:59:59)"])
def test_rates_and_moments_are_taken(expression: str) -> None:
    assert is_schedule(expression, ["loose rate", "at"])
    assert is_schedule(expression, ["rate"]) is expression.startswith("rate")


@pytest.mark.parametrize("expression", [*REFUSED, *REFUSED_OF_SCHEDULES])
def test_a_schedule_is_refused_in_the_words_of_aws(local_aws: LocalAws, expression: str) -> None:
    with pytest.raises(ClientError) as refused:
        local_aws.client("scheduler").create_schedule(
            Name=unique("schedule"),
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": "arn:aws:states:us-east-1:1:stateMachine:m", "RoleArn": ROLE},
        )
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "ValidationException",
        f"Invalid Schedule Expression {expression}.",
    )


@pytest.mark.parametrize("expression", [*REFUSED, *REFUSED_OF_RULES])
def test_a_rule_is_refused_in_the_words_of_aws(local_aws: LocalAws, expression: str) -> None:
    with pytest.raises(ClientError) as refused:
        local_aws.client("events").put_rule(Name=unique("rule"), ScheduleExpression=expression)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "ValidationException",
        "Parameter ScheduleExpression is not valid.",
    )
