"""One use case alone is synthesized with the same bytes as with all others."""

from pathlib import Path

from config.settings import Catalog, DynamodbSource, Settings, Source
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
        chosen = {"mlops:environment": environment.name, "mlops:use-case": names[number % len(names)]}
        folder = tmp_path / environment.name
        build_app(synthesis.settings, str(folder), chosen).synth()
        alone = _templates(folder)
        assert {path for path in alone if alone[path] != of_all[path]} == set()
        here = {path for path in of_all if path.startswith(f"assembly-{environment.name}/")}
        assert (alone.keys() < here) == (len(names) > 1), environment.name


def test_one_that_takes_less_of_what_all_share_is_deployed_alone_without_taking_it_from_others(
    settings: Settings, tmp_path: Path
) -> None:
    """A table of DynamoDB has no DataBrew jobs, and so its stacks do not import the role of those."""
    environment = settings.environments[0]
    name, deployment = next(iter(environment.use_cases.items()))
    plain = settings.use_cases[name].model_copy(update={"source": None})
    table = plain.model_copy(
        update={"name": "table", "source": Source(dynamodb=DynamodbSource(table="sales"))}
    )
    catalog = Catalog(databrew=True, feature_store="offline")
    use_cases = {name: deployment, table.name: deployment}
    environment = environment.model_copy(update={"catalog": catalog, "use_cases": use_cases})
    both = settings.model_copy(
        update={"environments": (environment,), "use_cases": {name: plain, table.name: table}}
    )
    whole, part = tmp_path / "whole", tmp_path / "part"
    build_app(both, str(whole)).synth()
    build_app(both, str(part), {"mlops:use-case": table.name}).synth()
    of_all, alone = _templates(whole), _templates(part)
    assert alone.keys() < of_all.keys()
    assert {path for path in alone if alone[path] != of_all[path]} == set()
