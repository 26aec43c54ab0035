"""`make update-from-template` brings the template's changes, in the names of a fork that keeps its own."""

import re
from pathlib import Path

import pytest

from tests.tools.fork.conftest import DRAWN, PAGE, ROOT, WORKFLOW, commit, said, sample, write
from tools.fork import init, update
from tools.fork.git import git
from tools.fork.record import RECORD, Record

NEWEST = ["template/main"]


def read(root: Path, file: str) -> str:
    return (root / file).read_text("utf-8")


def evolve(template: Path) -> str:
    """What a template may bring."""
    renewed = WORKFLOW.replace("checkout@1", "checkout@2")
    write(
        template,
        **{
            "README.md": PAGE.replace("runs `make", "runs, in `dev`, `make"),
            "stacks/stage.py": "PARTS = 2\n",
            "stacks/new.py": "NEW = True\n",
            "docs/new.md": "`widgets-prod` is protected.\n",
            "docs/architecture.md": DRAWN.replace("two", "three").replace("The end.", "`dev` ends."),
            ".github/workflows/deploy.yml": renewed,
            "config/environments/dev.yaml": sample("environments/dev.yaml").replace("19:00", "20:00"),
            "config/use_cases/boats.yaml": "problem: regression\n",
            "config/schemas/environment.schema.json": '{"template": 1}\n',
            "docs/exceptions.md": "| dev, boats |\n",
            "tests/snapshots/dev/boats.json": "{}\n",
        },
    )
    return commit(template, "The template has learnt")


def diverge(fork: Path) -> None:
    """What a fork may have done meanwhile."""
    play = read(fork, "config/environments/play.yaml").replace("latest-approved", "7")
    architecture = read(fork, "docs/architecture.md").replace("two use cases", "gadgets's")
    write(
        fork,
        **{
            "config/environments/play.yaml": play,
            "config/use_cases/loans.yaml": "problem: regression\n",
            "docs/architecture.md": architecture,
            "tests/snapshots/play/network.json": '{"gadgets": 1}\n',
            "README.md": read(fork, "README.md") + "Lunch is at noon.\n",
            "stacks/gadgets.py": "GADGETS = 1\n",
        },
    )
    commit(fork, "gadgets's own")


def assert_updated(fork: Path, newest: str) -> None:
    status = git(fork, "status", "--porcelain").splitlines()
    assert sorted(line for line in status if line[:2] != "M ") == [
        "A  docs/new.md",
        "A  stacks/new.py",
    ]
    assert "`gadgets-play` runs, in `play`, `make deploy ENVIRONMENT=play`" in read(fork, "README.md")
    assert read(fork, "README.md").endswith("Lunch is at noon.\n")
    assert read(fork, "stacks/stage.py") == "PARTS = 2\n"
    assert read(fork, "docs/new.md") == "`gadgets-live` is protected.\n"
    assert "gadgets's\n" in read(fork, "docs/architecture.md")
    assert read(fork, "docs/architecture.md").endswith("`play` ends.\n")
    workflow = read(fork, ".github/workflows/deploy.yml")
    assert re.findall("checkout@.|ENVIRONMENT=.*", workflow) == [
        *("checkout@2", "ENVIRONMENT=play", "checkout@2", "ENVIRONMENT=live")
    ]
    assert "7" in read(fork, "config/environments/play.yaml")
    assert "20:00" not in read(fork, "config/environments/play.yaml")
    assert read(fork, "tests/snapshots/play/network.json") == '{"gadgets": 1}\n'
    assert {path.stem for path in (fork / "config" / "use_cases").iterdir()} == {"flats", "loans"}
    assert Record.read(fork).template == newest


def test_a_fork_that_has_diverged_takes_the_templates_changes_and_keeps_its_own(
    template: Path, fork: Path
) -> None:
    diverge(fork)
    newest = evolve(template)
    assert update.main(NEWEST, fork) == 0
    assert_updated(fork, newest)


def test_a_copy_without_the_templates_history_is_a_fork_too(
    template: Path, fork_without_history: Path
) -> None:
    diverge(fork_without_history)
    newest = evolve(template)
    assert update.main(NEWEST, fork_without_history) == 0
    assert_updated(fork_without_history, newest)


def test_the_next_update_brings_the_next_changes_only(
    template: Path, fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Although the fork has undone something, and no merge says what it has taken."""
    evolve(template)
    assert update.main(NEWEST, fork) == 0
    write(fork, **{"stacks/stage.py": "PARTS = 1\n"})
    commit(fork, "The template's changes, but one")
    assert update.main(NEWEST, fork) == 0
    assert "The fork has everything of template/main" in capsys.readouterr().out
    write(template, **{"stacks/new.py": "NEW = False\n"})
    commit(template, "More")
    assert update.main(NEWEST, fork) == 0
    assert (read(fork, "stacks/stage.py"), read(fork, "stacks/new.py")) == ("PARTS = 1\n", "NEW = False\n")


def test_what_the_fork_changed_before_it_was_told_who_it_is_stays(template: Path, clone: Path) -> None:
    write(clone, **{"stacks/own.py": "OWN = 1\n"})
    commit(clone, "Before make init")
    assert init.main(said(), clone) == 0
    commit(clone, "gadgets")
    evolve(template)
    assert update.main(NEWEST, clone) == 0
    assert read(clone, "stacks/own.py") == "OWN = 1\n"


def test_what_both_have_changed_a_person_decides_and_the_rest_is_there(
    template: Path, fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(fork, **{"stacks/stage.py": "PARTS = 3\n"})
    commit(fork, "Three parts")
    newest = evolve(template)
    assert update.main(NEWEST, fork) == 1
    assert "decide" in capsys.readouterr().err
    assert [line for line in git(fork, "status", "--porcelain").splitlines() if "U" in line[:2]] == [
        "UU stacks/stage.py"
    ]
    assert "PARTS = 3\n" in read(fork, "stacks/stage.py")
    assert read(fork, "docs/new.md") == "`gadgets-live` is protected.\n"
    assert Record.read(fork).template == newest


def test_the_page_says_how_to_undo_an_update_also_where_the_fork_has_removed_what_was_changed(
    template: Path, fork: Path
) -> None:
    (fork / "stacks" / "stage.py").unlink()
    before = commit(fork, "No stage")
    evolve(template)
    assert update.main(NEWEST, fork) == 1
    assert "DU stacks/stage.py" in git(fork, "status", "--porcelain").splitlines()
    (undoes,) = re.findall(r"`git ([\w -]+)` undoes", (ROOT / "docs" / "forking.md").read_text("utf-8"))
    git(fork, *undoes.split())
    assert (git(fork, "status", "--porcelain"), git(fork, "rev-parse", "HEAD").strip()) == ("", before)


def test_of_what_is_made_of_the_code_the_templates_is_taken_and_made_anew(template: Path, fork: Path) -> None:
    write(fork, **{"config/schemas/environment.schema.json": '{"gadgets": 1}\n'})
    commit(fork, "A key more")
    evolve(template)
    assert update.main(NEWEST, fork) == 0
    assert read(fork, "config/schemas/environment.schema.json") == '{"template": 1}\n'


def refusal(fork: Path, capsys: pytest.CaptureFixture[str], wanted: str = NEWEST[0]) -> str:
    before = git(fork, "status", "--porcelain")
    assert update.main([wanted], fork) == 1
    assert git(fork, "status", "--porcelain") == before
    said = capsys.readouterr().err
    assert said.startswith("Nothing was changed.\n")
    return said


def test_it_says_why_it_cannot_begin(
    template: Path, fork: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "git remote add upstream" in refusal(fork, capsys, "upstream/main")
    assert "nowhere" in refusal(fork, capsys, "template/nowhere")
    record = read(fork, RECORD)
    write(fork, **{RECORD: record.replace("ml@gadgets.example", "ml")})
    assert "commit or undo your changes first: fork.yaml" in refusal(fork, capsys)
    commit(fork, "A mistake")
    assert "fork.yaml: email" in refusal(fork, capsys)
    (fork / RECORD).unlink()
    commit(fork, "No record")
    assert "there is no fork.yaml" in refusal(fork, capsys)
