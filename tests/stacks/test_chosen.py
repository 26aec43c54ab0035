"""One use case alone is synthesized with the same bytes as with all others."""

from pathlib import Path

from stacks.stage import build_app
from tests.stacks.synthesis import Synthesis


def _templates(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for pattern in ("*.template.json", "*.assets.json")
        for path in folder.rglob(pattern)
    }


def test_a_use_case_alone_has_the_same_bytes(synthesis: Synthesis, tmp_path: Path) -> None:
    """In each environment another one, so that what all share is made for many kinds of them."""
    of_all = _templates(synthesis.folder)
    for number, environment in enumerate(synthesis.settings.environments):
        names = list(environment.use_cases)
        chosen = {"environment": environment.name, "use-case": names[number % len(names)]}
        folder = tmp_path / environment.name
        build_app(synthesis.settings, str(folder), chosen).synth()
        alone = _templates(folder)
        assert {path for path in alone if alone[path] != of_all[path]} == set()
        here = {path for path in of_all if path.startswith(f"assembly-{environment.name}/")}
        assert (alone.keys() < here) == (len(names) > 1), environment.name
