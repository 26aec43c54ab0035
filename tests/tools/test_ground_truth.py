"""What people tell of requests, in the format that the monitor reads."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from tools import ground_truth

KNOWN = next(iter(load_settings().use_cases))
HEADER = "inference_id,label,asked_at\n"


def told(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    status = ground_truth.main([str(path), "--bucket", "data", "--use-case", KNOWN])
    return status, capsys.readouterr().err


def test_labels_go_to_the_hour_of_their_requests_whatever_the_time_zone() -> None:
    rows = [
        {"inference_id": "a", "label": "5", "asked_at": "2026-11-21T01:30:00+02:00"},
        {"inference_id": "b", "label": "x, y", "asked_at": "2026-11-20T23:59:59Z"},
        {"inference_id": "a", "label": "6", "asked_at": "2026-11-20T23:30:00"},
    ]
    hour = datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert ground_truth.by_hour(rows) == {hour: {"a": ["5", "6"], "b": ["x, y"]}}
    assert ground_truth.key("rents", hour).startswith("ground-truth/rents/2026/11/20/23/")
    first, second = (
        json.loads(line) for line in ground_truth.body({"a": ["5", "6"], "b": ["x, y"]}).splitlines()
    )
    assert first["groundTruthData"] == {"data": "5\n6", "encoding": "CSV"}
    assert second["groundTruthData"]["data"] == '"x, y"'
    assert second["eventMetadata"] == {"eventId": "b"}


def test_every_line_that_says_nothing_is_named_and_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{HEADER}a,5,2026-11-21T15:00:00Z\nb,,2026-11-21T15:00:00Z\n,7\nc,8,yesterday\n"
    status, error = told(text, tmp_path, capsys)
    assert status == 2
    assert "line 3 has no label; line 4 has no inference_id and no asked_at" in error
    assert "line 5: asked_at is yesterday; write 2026-11-21T15:04:05Z" in error


def test_a_file_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert ground_truth.main(["none.csv", "--bucket", "data", "--use-case", KNOWN]) == 2
    assert "none.csv: [Errno 2] No such file" in capsys.readouterr().err


def test_many_mistakes_are_not_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, error = told(HEADER + "a,,\n" * 50, tmp_path, capsys)
    assert error.strip().endswith("and 30 more")


def test_a_use_case_that_does_not_exist_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ground_truth.main(["labels.csv", "--bucket", "data", "--use-case", "chrun"]) == 2
    names = ", ".join(sorted(settings.use_cases))
    assert f"There is no use case chrun; there are {names}\n" in capsys.readouterr().err
