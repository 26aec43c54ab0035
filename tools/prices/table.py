"""The table of prices as it is written: its figures, where each comes from, and how they are replaced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import yaml


@dataclass(frozen=True)
class Row:
    """One figure of the table, with the question that AWS's price list answers."""

    name: str
    usd: Decimal
    offer: str
    usage_types: tuple[str, ...]
    """The first of them that has a price counts."""
    figure: yaml.ScalarNode
    day: yaml.ScalarNode


def region(text: str) -> str:
    return str(_at(yaml.compose(text, Loader=yaml.BaseLoader), "region").value)


def rows(text: str) -> Iterator[Row]:
    table = yaml.compose(text, Loader=yaml.BaseLoader)
    instances = _at(table, "instances")
    patterns = [each.value for each in _at(instances, "usage_types").value]
    for family, sizes in _at(instances, "hourly").value:
        for size, figure in sizes.value:
            kind = f"{family.value}.{size.value}"
            usage_types = tuple(pattern.replace("{type}", kind) for pattern in patterns)
            yield _row(f"ml.{kind}", instances, usage_types, figure)
    for name, resource in _at(table, "resources").value:
        named = {key.value: value for key, value in resource.value}
        figure = named.get("hourly") or named["monthly"]
        yield _row(name.value, resource, (named["usage_type"].value,), figure)


def _row(name: str, where: yaml.MappingNode, usage_types: tuple[str, ...], figure: yaml.ScalarNode) -> Row:
    offer, day = _at(where, "offer").value, _at(where, "date")
    return Row(name, Decimal(figure.value), offer, usage_types, figure, cast("yaml.ScalarNode", day))


def _at(mapping: yaml.Node, name: str) -> yaml.Node:
    return next(value for key, value in mapping.value if key.value == name)


def replaced(text: str, written: Mapping[yaml.ScalarNode, str]) -> str:
    """The text with other values; comments, order and form stay."""
    # From the end on, so that what stands before stays where it is.
    for node, value in sorted(written.items(), key=lambda change: -change[0].start_mark.index):
        text = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    return text
