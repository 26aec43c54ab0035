from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
import record
from digests import digest_of_folder
from tabular import DataError


def _give(base: Path) -> Path:
    given = base / "processing" / "input"
    for number, file in enumerate((*record.FILES.values(), "test/delivery.json")):
        (given / file).parent.mkdir(parents=True, exist_ok=True)
        (given / file).write_text(json.dumps({"sha256": "digest", "number": number}), encoding="utf-8")
    return given


def test_the_digest_of_all_that_the_release_will_deploy_is_recorded(base: Path) -> None:
    given = _give(base)
    record.main([])
    recorded = json.loads((base / "processing/output/record/record.json").read_text(encoding="utf-8"))
    assert recorded == {
        **{
            name: base64.b64encode(hashlib.sha256((given / file).read_bytes()).digest()).decode()
            for name, file in record.FILES.items()
        },
        "delivery": "digest",
    }


def test_reports_of_bias_are_recorded_where_there_are_any(base: Path) -> None:
    given = _give(base)
    report = given / record.MAY_LACK["bias"]
    report.parent.mkdir(parents=True)
    report.write_text("{}", encoding="utf-8")
    record.main([])
    recorded = json.loads((base / "processing/output/record/record.json").read_text(encoding="utf-8"))
    assert recorded["bias"] == base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
    assert "facets" not in recorded


def test_what_is_missing_is_named(base: Path) -> None:
    given = _give(base)
    (given / "baseline/statistics.json").unlink()
    (given / "test/delivery.json").unlink()
    with pytest.raises(DataError, match=r"missing: baseline/statistics\.json, test/delivery\.json"):
        record.main([])


def test_another_file_or_name_or_byte_is_another_delivery(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1", encoding="utf-8")
    first = digest_of_folder(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    renamed = digest_of_folder(tmp_path)
    (tmp_path / "b.csv").write_text("2", encoding="utf-8")
    changed = digest_of_folder(tmp_path)
    (tmp_path / "c.csv").touch()
    assert len({first, renamed, changed, digest_of_folder(tmp_path)}) == 4
