"""`make init` writes what it was told and leaves nothing of the sample organisation, or changes nothing."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from config.loader import load
from config.models.environment import Environment
from config.models.network import ExistingNetwork
from tests.tools.fork.conftest import OF_GITLAB, ROOT, WORKFLOW, commit, said, write
from tools.fork import init, questions
from tools.fork.git import changed_files, git
from tools.fork.questions import QUESTIONS
from tools.fork.record import RECORD, Record
from tools.fork.workflow import GITLAB

ANSWERS = """\
organisation: gadgets
environments:
  live:
    account: "555566667777"
    protected: true
    region: us-west-2
    network:
      vpc_id: vpc-0123456789abcdef0
      subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
      availability_zones: [us-west-2a, us-west-2b]
      security_group_ids: [sg-0123456789abcdef0]
      vpc_endpoints: [s3, sagemaker.api, sagemaker.runtime, sts, logs, monitoring, kms, ecr.api, ecr.dkr]
  play: {account: "444455556666"}
region: eu-central-1
email: ml@gadgets.example
sign_in: identity-center
people: {ann: {persona: data-scientist, single_sign_on_user: ann@gadgets.example}}
tags: {cost-center: "0815", team: data science, note: "yes"}
"""


def environments(root: Path) -> dict[str, Environment]:
    return {each.name: each for each in load(root / "config", root)[0]}


def words(root: Path) -> str:
    """All that stands in files, but in those that `make snapshots` writes anew and in decisions."""
    paths = [path for path in git(root, "ls-files").splitlines() if not path.startswith("docs/decisions/")]
    made = ("tests/snapshots/", "docs/exceptions.md")
    return "\n".join((root / path).read_text("utf-8") for path in paths if not path.startswith(made))


def test_nothing_of_the_sample_organisation_is_left(fork: Path) -> None:
    found = re.findall(r"widgets\S*|somebody-else|[12]{12}|us-east-1|\bdev\b(?!.in)|prod\b", words(fork))
    assert found == ["dev"]
    assert "tests/sample/environments/dev.yaml" in words(fork)


def test_pages_speak_of_the_fork(fork: Path) -> None:
    assert (fork / "README.md").read_text("utf-8").splitlines() == [
        "`gadgets-play` runs `make deploy ENVIRONMENT=play`, "
        "and `make promote ENVIRONMENT=live` is for gadgets-live.",
        "arn:aws:states:eu-central-1:444455556666:stateMachine:gadgets-play-x.",
        "aws://555566667777/eu-central-1; table gadgets_play.",
        "It is in `config/environments/play.yaml`, not in `requirements/dev.in` "
        "or `tests/sample/environments/dev.yaml`.",
        "",
        "Nobody changes this.",
        "",
        "Ask ml@gadgets.example of gadgets-inc/models.",
    ]


def test_environments_are_those_that_were_named_and_what_the_sample_has_besides(fork: Path) -> None:
    found = environments(fork)
    assert {name: (each.account, each.region, each.prefix) for name, each in found.items()} == {
        "play": ("444455556666", "eu-central-1", "gadgets-play"),
        "live": ("555566667777", "eu-central-1", "gadgets-live"),
    }
    assert [found[name].termination_protection for name in ("play", "live")] == [False, True]
    assert found["play"].network.availability_zones == ("eu-central-1a", "eu-central-1b")
    assert found["play"].off_hours
    assert {person.persona for person in found["play"].studio.people.values()} == {  # type: ignore[union-attr]
        *("data-engineer", "data-scientist", "mlops-engineer")
    }
    assert all(
        each.delivery and each.delivery.github_repository == "gadgets-inc/models" for each in found.values()
    )
    assert "# what people register by hand" in (fork / "config/environments/play.yaml").read_text("utf-8")


def test_use_cases_that_stay_are_in_every_environment(fork: Path) -> None:
    """Production knows none of them: they become like the one that it had."""
    assert [path.stem for path in (fork / "config" / "use_cases").iterdir()] == ["flats"]
    found = environments(fork)
    assert found["play"].use_cases["flats"].model == "latest-approved"
    assert found["play"].use_cases.keys() == found["live"].use_cases.keys() == {"flats"}
    assert found["live"].use_cases["flats"].endpoint.instances.min == 2


def test_the_workflow_deploys_one_environment_after_the_other(clone: Path) -> None:
    accounts = "play=444455556666 test=444455556667 live=555566667777"
    assert init.main(said(ACCOUNTS=accounts), clone) == 0
    jobs = yaml.safe_load((clone / ".github/workflows/deploy.yml").read_text("utf-8"))["jobs"]
    assert [(name, job.get("needs"), job.get("environment")) for name, job in jobs.items()] == [
        ("assembly", None, None),
        ("play", "assembly", "play"),
        ("test", "play", "test"),
        ("live", "test", "live"),
    ]
    assert jobs["test"]["steps"][-1]["run"] == "make deploy ENVIRONMENT=test"


def test_a_workflow_whose_jobs_wait_for_none_of_each_other_stays_so(clone: Path) -> None:
    workflow = ".github/workflows/drift.yml"
    write(clone, **{workflow: WORKFLOW.replace("needs: dev", "needs: assembly")})
    commit(clone, "Drift")
    assert init.main(said(), clone) == 0
    jobs = yaml.safe_load((clone / workflow).read_text("utf-8"))["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "assembly": None,
        "play": "assembly",
        "live": "assembly",
    }


def test_gitlab_deploys_every_environment_after_the_one_before(clone: Path) -> None:
    write(clone, **{GITLAB: OF_GITLAB})
    commit(clone, "GitLab")
    accounts = "play=444455556666 test=444455556667 live=555566667777"
    assert init.main(said(ACCOUNTS=accounts), clone) == 0
    jobs = yaml.safe_load((clone / GITLAB).read_text("utf-8"))
    assert jobs["stages"] == ["assembly", "play", "test", "live"]
    assert {name: jobs[name] for name in ("play", "test", "live")} == {
        name: {
            "extends": ".deploy",
            "stage": name,
            "needs": ["assembly", *before],
            "environment": name,
            "resource_group": f"deploy-{name}",
        }
        for name, before in (("play", []), ("test", ["play"]), ("live", ["test"]))
    }


def test_pages_that_show_a_sample_which_is_gone_say_so_below_their_title(clone: Path) -> None:
    shown = "# Begin\n\nAsk `widgets-dev-house-prices`.\n"
    edited = "# Edit\n\n`config/use_cases/house-prices.yaml`\n"
    other = "# Other\n\nPrices of houses, and `widgets-dev-flats`.\n"
    write(clone, **{"docs/a.md": shown, "docs/b.md": edited, "docs/c.md": other})
    commit(clone, "Pages")
    assert init.main(said(USE_CASES="flats"), clone) == 0
    a, b, c = ((clone / f"docs/{name}.md").read_text("utf-8") for name in "abc")
    note = "> This page tells of `house-prices` of the template, which this fork has not kept: "
    assert a.startswith(f"# Begin\n\n{note}")
    assert a.endswith("\n\nAsk `gadgets-play-house-prices`.\n")
    assert b.startswith(f"# Edit\n\n{note}")
    assert "template" not in c


def test_pages_about_other_projects_keep_the_names_of_their_environments(clone: Path) -> None:
    write(clone, **{"docs/comparison.md": "Accounts: dev, preprod and prod.\n"})
    commit(clone, "Others")
    assert init.main(said(), clone) == 0
    assert (clone / "docs/comparison.md").read_text("utf-8") == "Accounts: dev, preprod and prod.\n"


def test_names_may_change_places(clone: Path) -> None:
    assert init.main(said(ACCOUNTS="prod=444455556666 dev=555566667777"), clone) == 0
    first = (clone / "README.md").read_text("utf-8").splitlines()[0]
    assert "ENVIRONMENT=prod`, and" in first
    assert first.endswith("gadgets-dev.")


def test_one_environment_stands_for_both(clone: Path) -> None:
    assert init.main(said(ACCOUNTS="only=444455556666"), clone) == 0
    assert environments(clone).keys() == {"only"}
    assert "ENVIRONMENT=only` is for gadgets-only." in (clone / "README.md").read_text("utf-8")


def test_where_all_is_production_it_has_every_use_case(clone: Path) -> None:
    only = "organisation: gadgets\nenvironments: {only: {account: '444455556666', protected: true}}\n"
    write(clone, **{"gadgets.yaml": f"{only}region: eu-west-1\nemail: ml@gadgets.example\n"})
    assert init.main(["ANSWERS=gadgets.yaml"], clone) == 0
    assert environments(clone)["only"].use_cases.keys() == {"house-prices", "flats"}


def test_what_is_not_wanted_is_left_out(clone: Path) -> None:
    assert init.main(said(OPTIONS="none", REPOSITORY="", USE_CASES=""), clone) == 0
    play = environments(clone)["play"]
    assert (play.studio, play.catalog, play.delivery, play.budget, play.off_hours) == (None,) * 5
    assert play.use_cases.keys() == {"house-prices", "flats"}


def test_a_file_may_hold_what_a_line_cannot(clone: Path) -> None:
    write(clone, **{"gadgets.yaml": ANSWERS})
    assert init.main(["ANSWERS=gadgets.yaml"], clone) == 0
    found = environments(clone)
    assert isinstance(found["live"].network, ExistingNetwork)
    assert (found["live"].region, found["play"].region) == ("us-west-2", "eu-central-1")
    assert found["play"].studio
    assert found["play"].studio.sign_in == "identity-center"
    assert found["play"].tags == {"cost-center": "0815", "team": "data science", "note": "yes"}
    assert "ENVIRONMENT=play`, and" in (clone / "README.md").read_text("utf-8")


def test_what_it_was_told_is_kept(clone: Path) -> None:
    write(clone, **{"gadgets.yaml": ANSWERS})
    before = git(clone, "rev-parse", "HEAD").strip()
    assert init.main(["ANSWERS=gadgets.yaml"], clone) == 0
    record = Record.read(clone)
    assert record.template == before
    assert record.answers.people["ann"].single_sign_on_user == "ann@gadgets.example"
    assert record.render() == (clone / RECORD).read_text("utf-8")


def test_in_a_terminal_it_asks(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = dict(word.split("=", 1) for word in said(REPOSITORY=""))
    asked = iter(answers.get(question.variable, "") for question in QUESTIONS)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(init, "ask", lambda: questions.ask(lambda _: next(asked)))
    assert init.main([], clone) == 0
    assert environments(clone).keys() == {"play", "live"}
    assert "make init ORG=gadgets 'ACCOUNTS=play=444455556666 live=" in capsys.readouterr().out


def test_who_stops_answering_has_changed_nothing(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(init, "ask", lambda: questions.ask(leave))
    assert init.main([], clone) == 130
    assert not changed_files(clone)


def _differently(**others: str) -> Callable[[Path], list[str]]:
    return lambda _: said(**others)


def _changed(root: Path) -> list[str]:
    write(root, **{"README.md": "mine"})
    return said()


def _again(root: Path) -> list[str]:
    write(root, **{RECORD: ""})
    return said()


def _configured(root: Path) -> list[str]:
    (root / "config/environments/prod.yaml").unlink()
    commit(root, "No production")
    return said()


def _file_and_words(root: Path) -> list[str]:
    write(root, **{"gadgets.yaml": ANSWERS})
    return ["ANSWERS=gadgets.yaml", "ORG=gadgets"]


def _broken_file(root: Path) -> list[str]:
    write(root, **{"gadgets.yaml": ANSWERS.replace("email", "e_mail")})
    return ["ANSWERS=gadgets.yaml"]


def contents(root: Path) -> dict[Path, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path: path.read_bytes() for path in paths}


REFUSED: dict[str, tuple[Callable[[Path], list[str]], list[str]]] = {
    "an account": (_differently(ACCOUNTS="play=4444"), ['environments.play.account: "4444"', "12 digits"]),
    "no account": (_differently(ACCOUNTS="play"), ['environments.play.account: ""', "12 digits"]),
    "no accounts": (_differently(ACCOUNTS=""), ["environments: (missing)", "ACCOUNTS"]),
    "a region": (_differently(REGION="eu-centrl-1"), ["did you mean eu-central-1?"]),
    "no region": (_differently(REGION=""), ["environments.play.region: (missing)", "REGION"]),
    "a name": (_differently(ORG="Gadgets Inc."), ["organisation", "write gadgets-inc"]),
    "no name": (_differently(ORG=""), ["organisation: (missing)", "ORG"]),
    "a path": (_differently(ACCOUNTS="../x=444455556666"), ["environments", "write x"]),
    "an e-mail": (_differently(EMAIL="ml"), ["email", "name@example.com"]),
    "a repository": (_differently(REPOSITORY="gadgets"), ["repository", "owner/name"]),
    "a way to sign in": (_differently(SIGN_IN="password"), ["sign_in", "iam, identity-center"]),
    "a persona": (_differently(PEOPLE="ann=boss"), ["people.ann.persona", "data-scientist"]),
    "people without Studio": (
        _differently(PEOPLE="ann=data-scientist", SIGN_IN="identity-center", OPTIONS="catalog"),
        ['people: ["ann"]: is about Studio', 'sign_in: "identity-center": is about Studio'],
    ),
    "people without users": (
        _differently(PEOPLE="ann=data-scientist", SIGN_IN="identity-center"),
        ["config/environments/play.yaml: studio.people.ann.single_sign_on_user", "is required"],
    ),
    "a use case": (_differently(USE_CASES="rents"), ["use_cases", "there is no sample rents", "flats"]),
    "a use case's spelling": (
        _differently(USE_CASES="flat"),
        ["there is no sample flat", "did you mean flats?"],
    ),
    "no use case": (_differently(USE_CASES="none"), ["use_cases", "1 to 100 different use cases"]),
    "an option": (_differently(OPTIONS="studios"), ["options", "did you mean studio?"]),
    "a tag": (
        _differently(TAGS="environment=x"),
        ["tags.environment", "is a tag that the project sets itself"],
    ),
    "a name twice": (_differently(TAGS="team=a team=b"), ["names team twice"]),
    "one range for two": (
        _differently(ACCOUNTS="play=444455556666:10.8.0.0/16 live=555566667777:10.8.0.0/16"),
        ["network.cidr", "overlaps"],
    ),
    "a job's name": (_differently(ACCOUNTS="assembly=444455556666"), ["has a job assembly already"]),
    "a long name": (_differently(PROJECT="a" * 60), ["characters", "are allowed"]),
    "no variable": (lambda _: [*said(), "ORGANISATION=x"], ["ORGANISATION", "is no answer"]),
    "uncommitted changes": (_changed, ["commit or undo your changes first: README.md"]),
    "a fork": (_again, ["fork.yaml says that this is a fork already"]),
    "another configuration": (_configured, ["config/environments/ holds dev: "]),
    "answers twice": (_file_and_words, ["put ORG into it"]),
    "a file": (_broken_file, ["gadgets.yaml: e_mail", "did you mean email?"]),
    "no file": (lambda _: ["ANSWERS=none.yaml"], ["none.yaml"]),
    "silence": (lambda _: [], ["make init ORG=acme"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nonsense_is_refused_before_anything_is_touched(
    what: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, words = REFUSED[what]
    told = arguments(clone)
    before = contents(clone)
    assert init.main(told, clone) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("Nothing was written.\n")
    assert [word for word in words if word not in printed] == [], printed
    assert contents(clone) == before


def test_all_mistakes_are_told_at_once(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accounts = {"ACCOUNTS": "play=1 live=2 play=1", "PEOPLE": "ann=data-scientist ann=data-engineer"}
    arguments = said(**accounts, REGION="moon", EMAIL="ml", TAGS="aws:x=1", USE_CASES="flat")
    assert init.main(arguments, clone) == 1
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()[1:]] == [
        *("environments", "people", "use_cases"),
        *("environments.play.account", "environments.play.region"),
        *("environments.live.account", "environments.live.region"),
        *("email", "tags.aws:x"),
    ]


def test_make_hands_over_what_stands_on_its_command_line_and_no_variable_of_a_shell() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "init", *said(PEOPLE="ann=data-scientist bob=mlops-engineer", EMAIL="")],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": "", "EMAIL": "somebody@example.com"},
        capture_output=True,
        text=True,
        check=True,
    )
    (command,) = [line for line in done.stdout.splitlines() if "tools.fork.init" in line]
    assert '"PEOPLE=ann=data-scientist bob=mlops-engineer"' in command
    assert "EMAIL" not in command


def test_every_question_has_its_variable_and_its_line_in_the_docs() -> None:
    (variables,) = re.findall(r"^ANSWERED = (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert sorted(variables.split()) == sorted(["ANSWERS", *(question.variable for question in QUESTIONS)])
    page = (ROOT / "docs" / "forking.md").read_text("utf-8")
    assert [name for name in variables.split() if f"| `{name}` |" not in page] == []
