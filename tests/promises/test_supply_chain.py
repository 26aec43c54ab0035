"""Nothing unknown is installed, and nothing that has credentials runs more than it needs."""

import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.delivery.stack import LONGEST_DEPLOYMENT

ROOT = Path(__file__).parents[2]
LISTS = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COMMENTS = {"pull-requests": "write"}
PROPOSES = {"contents": "write", "pull-requests": "write"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(\S+)", re.MULTILINE)


@cache
def _pins(path: Path) -> set[tuple[str, str]]:
    return {
        (re.sub(r"[._-]+", "-", name.lower()), version)
        for name, version in PIN.findall(path.read_text("utf-8"))
    }


def _input(path: Path) -> Path:
    return ROOT / "requirements" / ("synth.in" if path.name == "requirements.txt" else f"{path.stem}.in")


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_package_that_is_installed_is_pinned_with_a_hash(path: Path) -> None:
    """A list with one hash makes pip refuse every package without: https://pip.pypa.io/en/stable/topics/secure-installs/"""
    for entry in re.split(r"\n(?=[A-Za-z])", path.read_text("utf-8")):
        lines = [line for line in entry.splitlines() if line and not line.strip().startswith("#")]
        if lines:
            assert PIN.match(lines[0]), lines[0]
            assert "--hash=sha256:" in entry, lines[0]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_the_locked_list_holds_what_its_input_asks_for(path: Path) -> None:
    assert _pins(_input(path))
    assert _pins(_input(path)) - _pins(path) == set(), "say make lock"


def test_what_synthesizes_and_what_deploys_has_the_versions_that_are_tested() -> None:
    tested = _pins(ROOT / "requirements" / "dev.txt")
    for path in (ROOT / "requirements.txt", ROOT / "requirements" / "deploy.txt"):
        assert _pins(path) - tested == set()


@pytest.mark.parametrize("tool", ["drift", "own_image", "take_over.__main__", "verify.__main__"])
def test_what_runs_with_credentials_needs_no_package_but_those_of_the_deployment(tool: str) -> None:
    installed = {name for name, _ in _pins(ROOT / "requirements" / "deploy.txt")}
    others = {
        name
        for name, distributions in packages_distributions().items()
        if not installed & {each.lower().replace("_", "-") for each in distributions}
    }
    lines = (
        "import sys",
        # What a module that is None is asked for is not found.
        f"sys.modules.update(dict.fromkeys({others!r}))",
        f"sys.path.append({str(ROOT)!r})",
        f"import tools.{tool}",
    )
    assert {"yaml", "jinja2"} <= others
    subprocess.run([sys.executable, "-I", "-c", "\n".join(lines)], check=True)


def test_setup_installs_from_locked_lists_only() -> None:
    script = (ROOT / "tools" / "setup.sh").read_text("utf-8")
    installs = re.findall(r"pip install .*", script)
    assert len(installs) == 2
    assert all('"${LOCKED[@]}"' in install for install in installs)
    assert "LOCKED=(--quiet --require-hashes)" in script
    assert "npm install" not in script
    for used in re.findall(r"requirements/\S+\.txt", script):
        assert ROOT / used in LISTS


def _jobs(path: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return jobs


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_what_github_and_zizmor_accept(path: Path) -> None:
    """https://docs.zizmor.sh/audits/ at its strictest."""
    subprocess.run(["check-jsonschema", "--builtin-schema", "vendor.github-workflows", path], check=True)
    subprocess.run(["zizmor", "--offline", "--persona", "pedantic", "--no-progress", path], check=True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text("utf-8"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_with_credentials_does_nothing_but_deploy_an_assembly_or_compare_with_it(
    path: Path,
) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {}
    for name, job in _jobs(path).items():
        if job["permissions"] in ({"contents": "read"}, COMMENTS, PROPOSES):
            continue
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        deploys = f"make deploy ENVIRONMENT={name} ASSEMBLY=cdk.out APPROVAL=never"
        verifies = f"make verify ENVIRONMENT={name} ASSEMBLY=cdk.out"
        compares = f"make drift ENVIRONMENT={name} ASSEMBLY=cdk.out"
        told = 'cat drift.txt >> "$GITHUB_STEP_SUMMARY"'
        used = [step.get("with", {}) for step in job["steps"]]
        acts_as = [given["role-to-assume"] for given in used if "role-to-assume" in given]
        runs = [step["run"] for step in job["steps"] if "run" in step]
        assert (acts_as, job.get("environment"), runs) in (
            (["${{ vars.DELIVERY_ROLE_ARN }}"], name, ["make setup-deploy", deploys, verifies]),
            (["${{ vars.DRIFT_ROLE_ARN }}"], f"{name}-drift", ["make setup-deploy", compares, told]),
        )
        assert "needs" in job


def test_credentials_of_a_deployment_last_as_long_as_its_job_may() -> None:
    """What the job says last is `make verify`: it takes a role by them."""
    jobs = _jobs(ROOT / ".github" / "workflows" / "deploy.yml").values()
    deploying = [job for job in jobs if "environment" in job]
    assert deploying
    for job in deploying:
        (given,) = (each for step in job["steps"] if "role-to-assume" in (each := step.get("with", {})))
        seconds = given["role-duration-seconds"]
        assert job["timeout-minutes"] * 60 <= seconds <= LONGEST_DEPLOYMENT.to_seconds()


def test_the_job_that_comments_checks_out_and_runs_nothing_of_the_pull_request() -> None:
    jobs = _jobs(ROOT / ".github" / "workflows" / "pull-request.yml")
    (job,) = (job for job in jobs.values() if job["permissions"] == COMMENTS)
    used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
    assert used == ["actions/download-artifact"]
    (script,) = (step["run"] for step in job["steps"] if "run" in step)
    assert script.count("review/") == script.count("body=@review/comment.md") == 2
    assert "${{" not in script
    assert job["needs"] == "review"


def test_the_job_that_proposes_prices_runs_nothing_of_the_project_and_commits_two_files() -> None:
    jobs = [job for path in WORKFLOWS for job in _jobs(path).values() if job["permissions"] == PROPOSES]
    (job,) = jobs
    used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
    assert used == ["actions/checkout", "actions/download-artifact"]
    (script,) = (step["run"] for step in job["steps"] if "run" in step)
    commands = {line.split()[0] for line in script.splitlines()}
    assert commands == {"git", "if", "exit", "fi", "gh"}
    assert [line for line in script.splitlines() if line.startswith("git add")] == [
        "git add tools/review/prices.yaml docs/costs.md"
    ]
    assert "--all" not in script
    assert "${{" not in script


@pytest.mark.parametrize(("workflow", "of_github"), [("deploy.yml", "{}"), ("drift.yml", "{}-drift")])
def test_every_environment_is_deployed_and_watched_by_a_workflow(workflow: str, of_github: str) -> None:
    configured = {path.stem for path in (ROOT / "config" / "environments").glob("*.yaml")}
    jobs = _jobs(ROOT / ".github" / "workflows" / workflow)
    expected = {of_github.format(name) for name in configured}
    assert {job["environment"] for job in jobs.values() if "environment" in job} == expected


def test_updates_are_proposed_for_what_a_bot_can_update_and_after_a_week() -> None:
    path = ROOT / ".github" / "dependabot.yml"
    subprocess.run(["check-jsonschema", "--builtin-schema", "vendor.dependabot", path], check=True)
    subprocess.run(["zizmor", "--offline", "--persona", "pedantic", "--no-progress", path], check=True)
    proposed = {each["package-ecosystem"] for each in yaml.safe_load(path.read_text("utf-8"))["updates"]}
    assert proposed == {"github-actions", "npm"}
