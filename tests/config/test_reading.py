"""The form of the files: strict YAML 1.2, no surprise from YAML 1.1, every unreadable file named."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

DEV = "environments/dev"


def only_line(workspace: "Workspace") -> str:
    lines: list[str] = workspace.mistakes()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_repeated_key_deep_inside_is_named_with_its_path(workspace: "Workspace") -> None:
    workspace.replace(DEV, "    model: latest-approved", "    model: latest-approved\n    model: none")
    assert "dev.yaml: use_cases.rents.model:" in only_line(workspace)


def test_a_number_with_a_leading_zero_is_one_mistake(workspace: "Workspace") -> None:
    workspace.replace(DEV, "max: 2", "max: 02")
    assert "instances.max" in only_line(workspace)


@pytest.mark.parametrize("word", ["yes", "on", "off", "y"])
def test_words_that_older_yaml_takes_for_booleans_are_text(workspace: "Workspace", word: str) -> None:
    workspace.replace(DEV, "termination_protection: false", f"termination_protection: {word}")
    assert f'termination_protection: "{word}": is neither true nor false' in only_line(workspace)


def test_a_column_may_be_called_no(workspace: "Workspace") -> None:
    workspace.replace("use_cases/rents", "- Rooms", "- No")
    assert workspace.load().use_cases["rents"].features.numeric == ("Area", "No")


@pytest.mark.parametrize("text", ["12:30", "2024-01-31", "1_000", "0x1F", "<<"])
def test_other_special_forms_of_older_yaml_are_text(workspace: "Workspace", text: str) -> None:
    workspace.replace("use_cases/rents", "- Rooms", f"- {text}")
    assert workspace.load().use_cases["rents"].features.numeric == ("Area", text)


@pytest.mark.parametrize("text", ["0.1", ".1", "1e-1", "+0.1"])
def test_numbers_are_numbers(workspace: "Workspace", text: str) -> None:
    workspace.replace("use_cases/rents", "threshold: 0.1", f"threshold: {text}")
    assert workspace.load().use_cases["rents"].drift.threshold == 0.1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "does not hold keys and values"),
        (b"# nothing yet\n", "does not hold keys and values"),
        (b"- account\n", "does not hold keys and values"),
        (b"account: [1\n", "is not YAML"),
        (b"a: 1\n---\nb: 2\n", "is not YAML"),
        (b"account:\t'1'\n  region: x\n", "is not YAML"),
        (b"account: \xff\n", "is not UTF-8"),
        (b"account: &id '1'\nregion: *id\n", "tag, anchor or alias (!, &, *) in line 1, 2"),
        (b"account: !!python/object/apply:os.getcwd []\n", "tag, anchor or alias (!, &, *) in line 1"),
        (b"? [a, b]\n: 1\n", "the key in line 1 is a list or a mapping"),
    ],
)
def test_an_unreadable_file_is_reported_without_a_traceback(
    workspace: "Workspace", content: bytes, problem: str
) -> None:
    workspace.write("environments/dev.yaml", content)
    line = workspace.mistakes()[0]
    assert "config/environments/dev.yaml: (file): (unreadable): " in line
    assert problem in line


def test_an_unreadable_use_case_is_not_also_unknown_to_environments(workspace: "Workspace") -> None:
    workspace.write("use_cases/rents.yaml", b"")
    assert "rents.yaml: (file)" in only_line(workspace)


@pytest.mark.parametrize("name", ["test.yml", "dev.yaml.bak", "dev.json"])
def test_a_file_that_would_not_be_read_is_a_mistake(workspace: "Workspace", name: str) -> None:
    workspace.write(f"environments/{name}", b"")
    assert f'environments/{name}: (file): "{name}": would not be read' in only_line(workspace)


def test_hidden_files_are_left_alone(workspace: "Workspace") -> None:
    workspace.write("environments/.dev.yaml.swp", b"\x00")
    assert workspace.load()
