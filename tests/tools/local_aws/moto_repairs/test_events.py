import json

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws


@pytest.mark.parametrize(
    "pattern",
    [
        {"detail": {"name": [{"prefix": "dev-"}, "x"], "size": [{"numeric": [">", 3]}]}},
        {"$or": [{"source": ["a"]}, {"detail": {"b": [{"exists": True}]}}]},
    ],
)
def test_known_event_filters_are_taken(local_aws: LocalAws, pattern: dict[str, object]) -> None:
    local_aws.client("events").put_rule(Name=unique("rule"), EventPattern=json.dumps(pattern))


def test_an_unknown_event_filter_is_refused(local_aws: LocalAws) -> None:
    pattern = {"$or": [{"detail": {"b": [{"matches": "x"}]}}]}
    with pytest.raises(ClientError, match="InvalidEventPatternException") as caught:
        local_aws.client("events").put_rule(Name=unique("rule"), EventPattern=json.dumps(pattern))
    assert "Unrecognized match type matches" in str(caught.value)
