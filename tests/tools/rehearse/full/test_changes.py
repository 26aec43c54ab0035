"""What people change in the full story: a feature that is right where years are known, and slow elsewhere."""

import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from config.settings import load_settings
from tools.rehearse.errors import NotThereError
from tools.rehearse.full import changes, sales

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = ROOT / "tests" / "sample"
RETRAINED = re.compile(r"^ +retraining: .*\n", re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = tmp_path_factory.mktemp("repository")
    for folder in ("config", "pipeline_code"):
        shutil.copytree(ROOT / folder, repository / folder)
    for folder in ("environments", "use_cases"):
        shutil.rmtree(repository / "config" / folder)
        shutil.copytree(SAMPLE / folder, repository / "config" / folder)
    prod = repository / "config" / "environments" / "prod.yaml"
    prod.write_text(RETRAINED.sub("", prod.read_text("utf-8")), "utf-8")
    (repository / "app.py").write_text("")
    (repository / "docs").mkdir()
    copy = repository.parent / f"{repository.name}-copy"
    assert changes.prepare(repository, copy, "") == "dev"
    return copy


def test_the_copy_moves_traffic_by_canary_and_bakes(copy: Path) -> None:
    (dev,) = [each for each in load_settings(copy / "config").environments if each.name == "dev"]
    endpoint = dev.use_cases[sales.USE_CASE].endpoint
    assert dev.off_hours is None
    assert endpoint.update.chosen(endpoint.instances.min) == "canary"
    assert endpoint.update.bake_minutes == changes.BAKE_MINUTES


def test_an_environment_without_retraining_is_refused_by_name(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(NotThereError, match="needs house-prices with `retraining` in prod"):
        changes.prepare(copy, tmp_path / "copy", "prod")


def test_known_years_have_their_rate_and_later_ones_wait_for_a_service(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes.add_mortgage_rates(copy)
    module: Any = ModuleType("features")
    exec((copy / "pipeline_code" / changes.FEATURES).read_text("utf-8"), module.__dict__)
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("urllib.request.urlopen", _nobody)
    known = module.mortgage_rates(np.array([2006.0, 2009.0, np.nan]))
    assert (known[:2].tolist(), pauses) == ([6.41, 5.04], [])
    assert np.isnan(known[2])
    assert module.mortgage_rates(np.array([2010.0])).tolist() == [5.04]
    assert sum(pauses) > 1.0


def _nobody(*_: object, **__: object) -> None:
    raise OSError


def test_the_same_house_in_square_metres_keeps_all_but_its_areas() -> None:
    row = dict.fromkeys(sales.AREAS, "1000") | {"Lot_Area": "", "Year_Sold": "2009"}
    sent = sales.in_square_metres(row)
    assert sent["Gr_Liv_Area"] == "92.9"
    assert (sent["Lot_Area"], sent["Year_Sold"]) == ("", "2009")


def test_a_period_has_the_sales_of_its_months_in_their_order() -> None:
    rows = [{"Year_Sold": "2008", "Mo_Sold": str(month)} for month in (6, 1, 7)]
    period = sales.Period(2008, 1, 6)
    assert [row["Mo_Sold"] for row in period.of(rows)] == ["1", "6"]
    assert len(sales.until(rows, period.end)) == 2
    assert str(period) == "January to June 2008"
