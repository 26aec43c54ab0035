"""What may know what inside the embedded AWS, and how its files are called."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LOCAL_AWS = Path(__file__).parents[3] / "tools/local_aws"
OWN = "tools.local_aws."


def own_imports(path: Path) -> Iterator[str]:
    """What a file imports of the embedded AWS, as `iam.engine.model` and `iam.engine.model.Policy`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OWN):
            name = str(node.module).removeprefix(OWN)
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("room", "known"),
    [
        ("iam/engine", ("iam.engine",)),
        ("iam/calls", ("iam.engine", "iam.calls")),
        ("sagemaker/analyzer", ("sagemaker.analyzer",)),
    ],
)
def test_a_pure_room_knows_only_pure_rooms(room: str, known: tuple[str, ...]) -> None:
    crossings = [
        f"{path.name} imports {name}"
        for path in (LOCAL_AWS / room).glob("*.py")
        for name in own_imports(path)
        if not name.startswith(known)
    ]
    assert crossings == []


def test_only_the_server_knows_the_repairs() -> None:
    knowing = {
        path.parent.relative_to(LOCAL_AWS).as_posix()
        for path in LOCAL_AWS.rglob("*.py")
        if any(name.startswith("moto_repairs") for name in own_imports(path))
    }
    assert knowing == {"moto_repairs"}


def test_no_two_modules_import_each_other() -> None:
    imports = {module_of(path): set(own_imports(path)) for path in LOCAL_AWS.rglob("*.py")}
    while free := [name for name, needed in imports.items() if not needed & imports.keys()]:
        for name in free:
            del imports[name]
    assert imports == {}


def test_no_two_rooms_import_each_other() -> None:
    """A room and the rooms inside it may: what the inner ones share stands in the outer one."""
    files = {module_of(path): path for path in LOCAL_AWS.rglob("*.py")}
    crossings = {
        (path.parent, files[name].parent)
        for path in files.values()
        for name in own_imports(path)
        if name in files and files[name].parent not in (path.parent, *path.parent.parents)
    }
    assert {(one, other) for one, other in crossings if (other, one) in crossings} == set()


def test_no_file_repeats_the_name_of_its_room() -> None:
    repeated = [
        path.relative_to(LOCAL_AWS).as_posix()
        for path in LOCAL_AWS.rglob("*.py")
        if path.stem.removesuffix("s") == path.parent.name.removesuffix("s")
    ]
    assert repeated == []


def test_few_files_stand_outside_the_rooms() -> None:
    assert len(list(LOCAL_AWS.glob("*.py"))) <= 6


def module_of(path: Path) -> str:
    return path.relative_to(LOCAL_AWS).with_suffix("").as_posix().replace("/", ".")
