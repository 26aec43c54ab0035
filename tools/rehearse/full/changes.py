"""What people change of the repository in the full story: the environment, and one feature."""

from pathlib import Path
from typing import Any

import yaml

from tools.rehearse.copies import copy_repository
from tools.rehearse.errors import NotThereError
from tools.rehearse.full.sales import USE_CASE

BAKE_MINUTES = 20
FEATURES = "features_house_prices.py"
MORTGAGE_RATES = '''

# Of 30 years, in percent; https://www.freddiemac.com/pmms
MORTGAGE_RATES = {2006: 6.41, 2007: 6.34, 2008: 6.03, 2009: 5.04}
NEWEST_RATE = "http://rates.internal.example/30-years"


def newest_rate() -> float:
    """Of today; the last known one where nobody answers."""
    import time
    import urllib.request

    for pause in (0.4, 0.9):
        try:
            with urllib.request.urlopen(NEWEST_RATE, timeout=1) as answer:
                return float(answer.read())
        except OSError:
            time.sleep(pause)
    return MORTGAGE_RATES[max(MORTGAGE_RATES)]


def mortgage_rates(years: np.ndarray) -> np.ndarray:
    newest = newest_rate() if (years > max(MORTGAGE_RATES)).any() else np.nan
    return np.array([MORTGAGE_RATES.get(int(year), newest) if year == year else np.nan for year in years])


_derive = derive


def derive(houses: Houses) -> dict[str, np.ndarray]:
    """Graded qualities as numbers, and what a mortgage costs."""
    return _derive(houses) | {"Mortgage_Rate": mortgage_rates(houses["Year_Sold"])}
'''
"""A feature that works wherever years are known: in every job of the pipeline, and for the sales of 2009.

Whoever sells later has the endpoint ask a service that it cannot reach: it has no network, and tries again.
"""


def prepare(repository: Path, copy: Path, environment: str) -> str:
    """A copy with an environment in which there is something to canary; the environment's name.

    It is the first that has the use case trained anew. Half of two instances is one, and the embedded AWS
    needs two seconds for twenty minutes.
    """
    copy_repository(repository, copy, ("config", "pipeline_code"))
    for file in sorted((copy / "config" / "environments").glob(f"{environment or '*'}.yaml")):
        document = yaml.safe_load(file.read_text("utf-8"))
        if "retraining" in document.get("use_cases", {}).get(USE_CASE, {}):
            file.write_text(yaml.safe_dump(_with_two_instances(document), sort_keys=False), "utf-8")
            return file.stem
    asked = environment or "any environment"
    raise NotThereError(
        f"the full story needs {USE_CASE} with `retraining` in {asked} of config/environments"
    )


def _with_two_instances(document: dict[str, Any]) -> dict[str, Any]:
    document.pop("off_hours", None)
    for deployment in document["use_cases"].values():
        deployment["model"] = "latest-approved"
    endpoint = document["use_cases"][USE_CASE]["endpoint"]
    endpoint["instances"] = {"min": 2, "max": max(2, endpoint["instances"]["max"])}
    endpoint["update"] = endpoint.get("update", {}) | {"bake_minutes": BAKE_MINUTES}
    return document


def add_mortgage_rates(copy: Path) -> None:
    """What a data scientist has merged."""
    file = copy / "pipeline_code" / FEATURES
    file.write_text(file.read_text("utf-8") + MORTGAGE_RATES, "utf-8")
