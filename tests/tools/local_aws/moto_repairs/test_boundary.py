"""Every patch of moto stands in `moto_repairs`, and every repair there is installed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.local_aws.server import REPAIRS

LOCAL_AWS = Path(__file__).parents[4] / "tools/local_aws"
REPAIRS_ROOM = LOCAL_AWS / "moto_repairs"
LOADED_LATER = {"state_machines"}


def patches(source: str) -> list[str]:
    """The statements that change something of moto: by assignment, `setattr`, or through `sys.modules`."""
    tree = ast.parse(source)
    of_moto = _names_of_moto(tree)
    return [ast.unparse(node) for node in ast.walk(tree) if _is_patch(node, of_moto)]


def _names_of_moto(tree: ast.AST) -> set[str]:
    names = {name for node in ast.walk(tree) for name in _imported_from_moto(node)}
    # `backend = CloudWatchBackend` is another name for the same class.
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _root(node.value) in names:
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _imported_from_moto(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] == "moto":
                yield alias.asname or "moto"
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "moto":
        yield from (alias.asname or alias.name for alias in node.names)


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_patch(node: ast.AST, of_moto: set[str]) -> bool:
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("setattr", "delattr") and _root(node.args[0]) in of_moto
    else:
        return isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules"
    changed = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)]
    return any(_root(target) in of_moto for target in changed)


@pytest.mark.parametrize(
    "source",
    [
        "from moto.sqs.models import Queue\nQueue.policy = None",
        "from moto.sqs.models import Queue as Kept\ndel Kept.policy",
        "from moto.sqs.models import Queue\nsetattr(Queue, 'policy', None)",
        "from moto.sqs import models\nmodels.Queue.policy = None",
        "import moto.sqs.urls\nmoto.sqs.urls.url_paths = {}",
        "def install():\n    import moto.sqs.urls as urls\n    urls.url_paths['{0}/$'] = None",
        "from moto.databrew.models import FakeJob\nFakeJob.local_attrs += ['timeout']",
        "from moto.sqs.models import Queue\nqueue = Queue\nqueue.policy = None",
        "import sys\nfor module in sys.modules.values():\n    module.extract = None",
    ],
)
def test_a_patch_is_noticed(source: str) -> None:
    assert len(patches(source)) == 1


def test_what_only_uses_moto_is_no_patch() -> None:
    assert patches("from moto.core.responses import BaseResponse\nclass Own(BaseResponse):\n    x = 1") == []


def test_nothing_else_patches_moto() -> None:
    found = {
        path.relative_to(LOCAL_AWS).as_posix(): made
        for path in LOCAL_AWS.rglob("*.py")
        if REPAIRS_ROOM not in path.parents and (made := patches(path.read_text("utf-8")))
    }
    assert found == {}


def test_every_repair_patches_moto_and_is_installed() -> None:
    repairs = {path.stem: patches(path.read_text("utf-8")) for path in REPAIRS_ROOM.glob("*.py")}
    assert [name for name, made in repairs.items() if not made] == []
    assert repairs.keys() == {*REPAIRS, *LOADED_LATER}


def test_calls_are_decided_before_any_service_is_repaired() -> None:
    assert REPAIRS[:2] == ("core", "iam")
