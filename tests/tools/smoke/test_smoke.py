"""In production nothing is changed unless somebody says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.assembly import Assembly, read_assemblies
from tools.rehearse.observations import FILE
from tools.smoke import __main__ as smoke


def executions(kept: Kept) -> list[str]:
    listed = kept.client("sagemaker").list_pipeline_executions(PipelineName="dev-house-prices")
    return [each["PipelineExecutionArn"] for each in listed["PipelineExecutionSummaries"]]


def test_production_is_only_looked_at(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def protected(_: Path) -> list[Assembly]:
        return [replace(each, is_protected=True) for each in read_assemblies(kept.folder / "cdk.out")]

    for name, value in kept.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(smoke, "synthesize_all", lambda _: None)
    monkeypatch.setattr(smoke, "read_assemblies", protected)
    before = executions(kept)
    report = tmp_path / "smoke.md"
    status = smoke.main(["dev", "--rehearsed", str(kept.folder / FILE), "--report", str(report)])
    assert executions(kept) == before
    assert (status, "No differences" in report.read_text("utf-8")) == (0, True)
