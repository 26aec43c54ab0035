"""`python -m tools.prices`: renews tools/review/prices.yaml from AWS's public price list.

All that is wrong is told at once, and then nothing is written.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import yaml

from tools.prices.price_list import HOST, Offer, PriceList, PriceListError
from tools.prices.table import Row, region, replaced, rows

TABLE = Path(__file__).parents[1] / "review" / "prices.yaml"
_LARGEST_FACTOR = 2
"""A price that changes by more is more likely another thing's."""
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Renewed:
    """A table with new prices, or what keeps it from being written."""

    text: str
    told: tuple[str, ...]
    mistakes: tuple[str, ...]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.prices", description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--host", default=HOST)
    options = parser.parse_args(argv)
    result = renew(options.table.read_text("utf-8"), PriceList(options.host))
    if result.mistakes:
        print("\n".join([f"{options.table} is as it was:", *result.mistakes]), file=sys.stderr)
        return 1
    options.table.write_text(result.text, "utf-8")
    print("\n".join(result.told or ["No price has changed."]))
    return 0


def renew(text: str, price_list: PriceList) -> Renewed:
    of_offers = defaultdict(list)
    for row in rows(text):
        of_offers[row.offer].append(row)
    written: dict[yaml.ScalarNode, str] = {}
    told: list[str] = []
    mistakes: list[str] = []
    for code, of_offer in of_offers.items():
        try:
            usage_types = [each for row in of_offer for each in row.usage_types]
            offer = price_list.read(code, region(text), usage_types)
        except PriceListError as error:
            mistakes.append(f"  {code}: {error}")
            continue
        for row in of_offer:
            new, wrong = _price(row, offer)
            mistakes += wrong
            told += [*_changed(row, new), *_otherwise(row, offer)]
            written |= {row.figure: f"{new.normalize():f}", row.day: f"{offer.published}"}
    return Renewed(replaced(text, written), tuple(told), tuple(mistakes))


def _price(row: Row, offer: Offer) -> tuple[Decimal, list[str]]:
    """The new price, and why it cannot be one."""
    found = next((offer.prices[each] for each in row.usage_types if each in offer.prices), ())
    asked = f"{row.name}: {row.offer} of {offer.published}"
    if not found:
        change = "write the usage type that it has today into the table, or remove the row"
        return row.usd, [f"  {asked} has no price on demand of {' or '.join(row.usage_types)}: {change}"]
    if len({price.usd for price in found}) > 1:
        prices = ", ".join(f"{price.usd.normalize():f} (SKU {price.sku})" for price in found)
        return row.usd, [f"  {asked} has several prices of it: {prices}"]
    usd = found[0].usd
    if not row.usd / _LARGEST_FACTOR <= usd <= row.usd * _LARGEST_FACTOR:
        change = "write the new price into the table if it is right, and say make prices again"
        return usd, [
            f"  {asked} says {usd.normalize():f} (SKU {found[0].sku}), the table {row.usd}: {change}"
        ]
    return usd, []


def _changed(row: Row, new: Decimal) -> Iterator[str]:
    if new != row.usd:
        yield f"{row.name}: {row.usd} becomes {new.normalize():f}"


def _otherwise(row: Row, offer: Offer) -> Iterator[str]:
    """What a type costs for another usage, where that is not the same to within a cent."""
    prices = _first_prices(row, offer)
    for usage_type, usd in prices.items():
        first_type, first = next(iter(prices.items()))
        if abs(usd - first) > _CENT:
            yield f"{row.name} costs {usd.normalize():f} as {usage_type}; the table has {first_type}"


def _first_prices(row: Row, offer: Offer) -> Mapping[str, Decimal]:
    return {each: offer.prices[each][0].usd for each in row.usage_types if each in offer.prices}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
