"""What a use case computes from the features of a row: by expressions, then by its features module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, cast

import numpy as np
from expressions import evaluate
from tabular import DataError, Features, Schema

Hook = Callable[[Features], Mapping[str, Any]]


@cache
def load_hook(module_name: str) -> Hook:
    """The `derive` function of a use case's features module; raises DataError when there is none."""
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise DataError(
            f"features module {module_name} cannot be imported: no module {error.name}"
        ) from error
    hook = getattr(module, "derive", None)
    if not callable(hook):
        raise DataError(f"features module {module_name} must define derive(rows) -> {{name: numbers}}")
    return cast(Hook, hook)


@dataclass(frozen=True)
class Derivation:
    """How a use case derives columns."""

    expressions: Mapping[str, str]
    features_module: str | None

    @classmethod
    def of(cls, schema: Schema) -> Derivation:
        return cls(schema.derived, schema.features_module)

    def columns(self, features: Features) -> Features:
        """The derived columns alone; raises DataError when the features module breaks its contract."""
        computed = evaluate(self.expressions, features)
        if self.features_module is None:
            return computed
        return computed | _by_module(self.features_module, features | computed)


def _by_module(features_module: str, known: Features) -> Features:
    length = len(next(iter(known.values())))
    # A house without rooms or land divides by zero: the derived value is missing then.
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = load_hook(features_module)(known)
    derived = {name: np.array(values, dtype=np.float64) for name, values in computed.items()}
    clash = sorted(set(derived) & set(known))
    if clash:
        raise DataError(f"{features_module}.derive returns columns that exist already: {', '.join(clash)}")
    for name, values in derived.items():
        if values.shape != (length,):
            raise DataError(f"{features_module}.derive must return one number per row for {name}")
        values[~np.isfinite(values)] = np.nan
    return derived
