"""The tables of costs: what is shared, each use case, and a sum; what has no price is told."""

from tests.tools.review.small import ENDPOINT_CONFIGURATION, changed, template
from tools.review.costs import prices
from tools.review.costs_page import tables, with_costs
from tools.review.stacks import Stacks, of_templates

Json = dict[str, object]


def _stacks(instance_type: str = "ml.m5.large") -> Stacks:
    def typed(resource: dict[str, Json]) -> None:
        resource["Properties"]["ProductionVariants"][0]["InstanceType"] = instance_type  # type: ignore[index]

    key = {"Type": "AWS::KMS::Key", "Properties": {}}
    return of_templates(
        "dev",
        {
            "foundation": template(Key=key, Other=key),
            "prices-serving": template(Configuration=changed(ENDPOINT_CONFIGURATION, typed)),
        },
    )


def test_what_is_shared_comes_first_then_each_use_case_and_their_sum() -> None:
    monthly = 730 * prices()["instances"]["hourly"]["m5"]["large"]
    lines = tables(_stacks()).splitlines()
    assert lines[4:7] == [
        "| shared by all | keys | 2.00 |",
        f"| prices | endpoint, 1 × ml.m5.large | {monthly:.2f} |",
        f"| | **together** | **{monthly + 2:.2f}** |",
    ]


def test_what_has_no_price_is_told() -> None:
    assert "| prices | endpoint, 1 × ml.p2.xlarge | no price in the table |" in tables(
        _stacks("ml.p2.xlarge")
    )


def test_the_figures_come_with_their_day_and_what_they_assume() -> None:
    assert f"as of {prices()['instances']['date']}" in tables(_stacks())


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = with_costs("before\n<!-- costs -->\nold\n<!-- end of costs -->\nafter\n", _stacks())
    assert page.startswith("before\n<!-- costs -->\n## dev\n")
    assert page.endswith("<!-- end of costs -->\nafter\n")
    assert "old" not in page
