"""AWS's public price list: an index of services, for each one of regions, for each region a table.

No credentials are needed. A table may have hundreds of megabytes, so it is read row by row.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import urllib3

HOST = "https://pricing.us-east-1.amazonaws.com"
INDEX = "/offers/v1.0/aws/index.json"
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_RETRIES = urllib3.Retry(5, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504))
_FIRST_COLUMN, _PUBLISHED = "SKU", "Publication Date"


class PriceListError(Exception):
    """The price list does not have the form that this tool knows, or could not be read."""


@dataclass(frozen=True)
class Price:
    """What one unit costs, in US dollars."""

    sku: str
    usd: Decimal


@dataclass(frozen=True)
class Offer:
    """The prices of one service in one region that somebody asked for."""

    published: date
    prices: Mapping[str, tuple[Price, ...]]
    """By usage type."""


class PriceList:
    """The price list as a host serves it."""

    def __init__(self, host: str = HOST) -> None:
        self._host = host
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES)

    def read(self, code: str, region: str, usage_types: Iterable[str]) -> Offer:
        """An offer's prices on demand of some usage types."""
        path = self._table(code, region)
        response = self._get(path)
        # Otherwise urllib3 closes what the reader of lines still asks.
        response.auto_close = False
        try:
            rows = csv.reader(io.TextIOWrapper(response, "utf-8", newline=""))
            return _offer(path, rows, set(usage_types))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise PriceListError(f"{self._host}{path} did not arrive whole: {error}") from error
        finally:
            response.release_conn()

    def _table(self, code: str, region: str) -> str:
        """The address of a region's table: it is told for JSON, and the other form is beside it."""
        offers = self._json(INDEX)["offers"]
        if code not in offers:
            raise PriceListError(f"{self._host}{INDEX} has no offer {code}")
        index = str(offers[code]["currentRegionIndexUrl"])
        regions = self._json(index)["regions"]
        if region not in regions:
            raise PriceListError(f"{self._host}{index} has no region {region}")
        return str(regions[region]["currentVersionUrl"]).removesuffix(".json") + ".csv"

    def _json(self, path: str) -> Any:
        return json.loads(self._get(path).data)

    def _get(self, path: str) -> Any:
        try:
            response = self._pool.request(
                "GET", self._host + path, preload_content=False, headers={"accept-encoding": "gzip"}
            )
        except urllib3.exceptions.HTTPError as error:
            raise PriceListError(f"{self._host}{path} cannot be reached: {error}") from error
        if response.status != 200:
            raise PriceListError(f"{self._host}{path} answers {response.status}")
        return response


def _offer(path: str, rows: Iterator[list[str]], usage_types: set[str]) -> Offer:
    """Some lines of two cells come first, then the names of the columns; both may grow."""
    about: dict[str, str] = {}
    for row in rows:
        if row[:1] == [_FIRST_COLUMN]:
            break
        about.update([(row[0], row[1])] if len(row) > 1 else [])
    else:
        raise PriceListError(f"{path} has no line of columns that begins with {_FIRST_COLUMN}")
    if missing := {*_COLUMNS} - {*row}:
        raise PriceListError(f"{path} has no columns {', '.join(sorted(missing))}")
    if _PUBLISHED not in about:
        raise PriceListError(f"{path} does not say its {_PUBLISHED}")
    at = [row.index(name) for name in _COLUMNS]
    found: dict[str, list[tuple[Decimal, Price]]] = defaultdict(list)
    for line in filter(None, rows):
        if len(line) <= max(at):
            raise PriceListError(f"{path} has a line of {len(line)} cells: {line[:1]}")
        usage_type, sku, term, currency, first, usd = (line[each] for each in at)
        if usage_type in usage_types and (term, currency) == ("OnDemand", "USD") and Decimal(usd):
            found[usage_type].append((Decimal(first), Price(sku, Decimal(usd))))
    prices = {usage_type: _first_tiers(tiers) for usage_type, tiers in found.items()}
    return Offer(date.fromisoformat(about[_PUBLISHED][:10]), prices)


def _first_tiers(tiers: list[tuple[Decimal, Price]]) -> tuple[Price, ...]:
    """Of each SKU what costs first; whoever uses more pays less, and what is free is no price."""
    first = {price.sku: start for start, price in sorted(tiers, key=lambda tier: -tier[0])}
    return tuple(price for start, price in tiers if start == first[price.sku])


_COLUMNS = ("usageType", "SKU", "TermType", "Currency", "StartingRange", "PricePerUnit")
