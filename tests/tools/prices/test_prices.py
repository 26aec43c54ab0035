"""The table of prices is renewed from files of the form of AWS's price list, whole or not at all.

The form of index, index of regions and lines before the prices is that of the offer `comprehend` of
2026-01-16, as a public repository shows it; SKUs and prices of SageMaker are what public repositories say
that the list answered in 2026. No file of AWS is here: these tests ask a server on this machine.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from tools.prices import price_list
from tools.prices.__main__ import TABLE, main, renew
from tools.prices.price_list import PriceList, PriceListError
from tools.prices.table import rows

REGION = "us-east-1"
COLUMNS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"),
    *("EndingRange", "Unit", "PricePerUnit", "Currency", "Product Family", "serviceCode", "Location"),
    *("Location Type", "Group", "Group Description", "usageType", "operation", "PlatoFeatureType"),
    *("Region Code", "serviceName"),
)
HOST_M5, TRAIN_M5 = "USE1-Host:ml.m5.xlarge", "USE1-Train:ml.m5.xlarge"
SMALL = """\
region: us-east-1
instances:
  # A word to keep.
  offer: AmazonSageMaker
  usage_types: ["USE1-Host:ml.{type}", "USE1-Train:ml.{type}"]
  date: 2026-01-01
  hourly:
    m5: {large: 0.115, xlarge: 0.24} # and another
resources:
  AWS::KMS::Key: {monthly: 1, offer: awskms, usage_type: us-east-1-KMS-Keys, date: unknown}
"""


def row(usage_type: str, usd: str, sku: str = "", **others: str) -> dict[str, str]:
    named = {"SKU": sku or f"SKU OF {usage_type}", "usageType": usage_type, "PricePerUnit": usd}
    common = {"TermType": "OnDemand", "Currency": "USD", "StartingRange": "0", "EndingRange": "Inf"}
    return {**dict.fromkeys(COLUMNS, ""), **common, **named, **others}


def as_csv(code: str, prices: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> str:
    about = {
        "FormatVersion": "v1.0",
        "Disclaimer": "This pricing list is for informational purposes only, and more, with a comma",
        "Publication Date": "2026-11-16T16:02:58Z",
        "Version": "20261116160258",
        "OfferCode": code,
    }
    lines = [*about.items(), columns, *([each.get(name, "") for name in columns] for each in prices)]
    return "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in lines)


SAGEMAKER = [
    row(HOST_M5, "0.2300000000", sku="JDZQJFUVUR8SUWHS", Unit="Hrs"),
    row("USE1-Train:ml.m5.large", "0.1150000000", sku="JMCWJEAPVJNFJ5P4", Unit="Hrs"),
    row(TRAIN_M5, "0.2300000000"),
    row("USW2-Host:ml.m5.xlarge", "9"),
    row(HOST_M5, "0.1", sku="SAVINGS", TermType="Reserved"),
]
KEYS = [row("us-east-1-KMS-Keys", "1.0000000000"), row("us-east-1-KMS-Requests", "0.0000030000")]


@dataclass
class Served:
    """What a server on this machine has at its paths, and how often it fails before it answers."""

    files: dict[str, bytes] = field(default_factory=dict)
    failures: int = 0
    truncated: bool = False
    host: str = ""

    def offer(self, code: str, table: str) -> None:
        base = f"/offers/v1.0/aws/{code}"
        region = {"regionCode": REGION, "currentVersionUrl": f"{base}/20261116160258/{REGION}/index.json"}
        self.files[f"{base}/current/region_index.json"] = json.dumps({"regions": {REGION: region}}).encode()
        self.files[f"{base}/20261116160258/{REGION}/index.csv"] = gzip.compress(table.encode())
        index = json.loads(self.files.get(price_list.INDEX, b'{"offers": {}}'))
        index["offers"][code] = {
            "offerCode": code,
            "currentVersionUrl": f"{base}/current/index.json",
            "currentRegionIndexUrl": f"{base}/current/region_index.json",
        }
        self.files[price_list.INDEX] = json.dumps(index).encode()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(price_list, "_RETRIES", urllib3.Retry(2, status_forcelist=(503,)))
    state = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = state.files.get(self.path)
            status = 404 if body is None else 200
            if state.failures:
                state.failures -= 1
                status = 503
            self.send_response(status)
            if self.path.endswith(".csv"):
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write((body or b"")[: 200 if state.truncated and self.path.endswith(".csv") else None])
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.host = f"http://127.0.0.1:{server.server_port}"
    state.offer("AmazonSageMaker", as_csv("AmazonSageMaker", SAGEMAKER))
    state.offer("awskms", as_csv("awskms", KEYS))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def test_prices_and_days_become_those_of_the_list_and_all_else_stays(served: Served) -> None:
    result = renew(SMALL, PriceList(served.host))
    assert result.mistakes == ()
    assert result.told == ("ml.m5.xlarge: 0.24 becomes 0.23",)
    expected = (
        SMALL.replace("0.24", "0.23").replace("2026-01-01", "2026-11-16").replace("unknown", "2026-11-16")
    )
    assert result.text == expected


def test_the_table_that_is_shipped_asks_for_everything_that_it_has(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TABLE.read_text("utf-8")
    asked: dict[str, list[dict[str, str]]] = {}
    for each in rows(text):
        asked.setdefault(each.offer, []).append(row(each.usage_types[-1], f"{each.usd:.10f}"))
    for code, prices in asked.items():
        served.offer(code, as_csv(code, prices))
    (table := tmp_path / "prices.yaml").write_text(text, "utf-8")
    assert main(["--table", str(table), "--host", served.host]) == 0
    assert capsys.readouterr().out == "No price has changed.\n"
    before, after = yaml.safe_load(text), yaml.safe_load(table.read_text("utf-8"))
    assert after["instances"]["hourly"] == before["instances"]["hourly"]
    assert {each["date"] for each in (after["instances"], *after["resources"].values())} == {
        date(2026, 11, 16)
    }


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tripled = row("USE1-Host:ml.m5.large", "0.3450000000", sku="TRIPLED")
    twice = [row(HOST_M5, "0.23", sku="ONE"), row(HOST_M5, "0.25", sku="OTHER")]
    served.offer("AmazonSageMaker", as_csv("AmazonSageMaker", [tripled, *twice]))
    served.offer("awskms", as_csv("awskms", KEYS[1:]))
    (table := tmp_path / "prices.yaml").write_text(SMALL, "utf-8")
    assert main(["--table", str(table), "--host", served.host]) == 1
    assert table.read_text("utf-8") == SMALL
    told = capsys.readouterr().err
    for expected in (
        "ml.m5.large: AmazonSageMaker of 2026-11-16 says 0.345 (SKU TRIPLED), the table 0.115",
        "2026-11-16 has several prices of it: 0.23 (SKU ONE), 0.25 (SKU OTHER)",
        "AWS::KMS::Key: awskms of 2026-11-16 has no price on demand of us-east-1-KMS-Keys: write",
    ):
        assert expected in told, told


def test_a_type_that_costs_more_for_another_usage_is_told(served: Served) -> None:
    served.offer("AmazonSageMaker", as_csv("AmazonSageMaker", [*SAGEMAKER[:2], row(TRAIN_M5, "0.26")]))
    result = renew(SMALL, PriceList(served.host))
    assert f"ml.m5.xlarge costs 0.26 as {TRAIN_M5}; the table has {HOST_M5}" in result.told
    assert result.mistakes == ()


def test_what_is_free_is_no_price_and_whoever_uses_more_pays_less(served: Served) -> None:
    tiers = [
        row("Alarm", "0", sku="A", EndingRange="10"),
        row("Alarm", "0.10", sku="A", StartingRange="10", EndingRange="1000"),
        row("Alarm", "0.08", sku="A", StartingRange="1000"),
        row("Alarm", "0", sku="FREE", Location="Any"),
    ]
    served.offer("AmazonCloudWatch", as_csv("AmazonCloudWatch", tiers))
    offer = PriceList(served.host).read("AmazonCloudWatch", REGION, ["Alarm"])
    assert [(price.sku, price.usd) for price in offer.prices["Alarm"]] == [("A", Decimal("0.10"))]


def test_columns_are_found_by_their_names_wherever_they_stand(served: Served) -> None:
    served.offer(
        "awskms", "sep=,\n" + as_csv("awskms", KEYS, tuple(reversed(COLUMNS[1:]))).replace('"SKU"', "")
    )
    with pytest.raises(PriceListError, match="no line of columns that begins with SKU"):
        PriceList(served.host).read("awskms", REGION, ["us-east-1-KMS-Keys"])
    served.offer("awskms", "sep=,\n" + as_csv("awskms", KEYS, ("SKU", *reversed(COLUMNS[1:]))) + "\n")
    offer = PriceList(served.host).read("awskms", REGION, ["us-east-1-KMS-Keys"])
    assert offer.prices["us-east-1-KMS-Keys"][0].usd == 1


@pytest.mark.parametrize(
    ("code", "region", "expected"),
    [
        ("AmazonNothing", REGION, "index.json has no offer AmazonNothing"),
        ("awskms", "mars-north-1", "region_index.json has no region mars-north-1"),
    ],
)
def test_what_the_list_does_not_have_is_told(served: Served, code: str, region: str, expected: str) -> None:
    with pytest.raises(PriceListError, match=expected):
        PriceList(served.host).read(code, region, ["any"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (as_csv("awskms", KEYS, COLUMNS[:9]), "no columns Currency, PricePerUnit, usageType"),
        (
            as_csv("awskms", KEYS).replace("Publication Date", "Published"),
            "does not say its Publication Date",
        ),
        (as_csv("awskms", KEYS) + '"SKU1","half a line"\n', "a line of 2 cells"),
    ],
    ids=["without columns", "without a day", "with half a line"],
)
def test_a_table_of_another_form_is_refused(served: Served, table: str, expected: str) -> None:
    served.offer("awskms", table)
    with pytest.raises(PriceListError, match=expected):
        PriceList(served.host).read("awskms", REGION, ["us-east-1-KMS-Keys"])


def test_a_server_that_is_busy_is_asked_again(served: Served) -> None:
    served.failures = 2
    assert renew(SMALL, PriceList(served.host)).mistakes == ()


def test_a_table_that_does_not_arrive_whole_is_no_table(served: Served) -> None:
    served.truncated = True
    result = renew(SMALL, PriceList(served.host))
    assert [told.partition(":")[0] for told in result.mistakes] == ["  AmazonSageMaker", "  awskms"]
    assert all("did not arrive whole" in told for told in result.mistakes), result.mistakes


def test_a_host_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_list, "_RETRIES", urllib3.Retry(0))
    result = renew(SMALL, PriceList("http://127.0.0.1:9"))
    assert len(result.mistakes) == 2
    assert all("cannot be reached" in told for told in result.mistakes)
