"""The examples of docs/delivery.md are what services accept, and only what deploys has credentials."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
GITLAB, CODEPIPELINE = EXAMPLES / "gitlab-ci.yml", EXAMPLES / "codepipeline.yaml"


class _Template(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation writes it: what a function is given stands for its value."""


def _function(loader: _Template, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node)


_Template.add_multi_constructor("!", _function)


def test_gitlab_accepts_its_example() -> None:
    subprocess.run(["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", GITLAB], check=True)


def test_on_gitlab_what_has_a_token_deploys_the_assembly_of_the_job_that_has_none() -> None:
    jobs = yaml.safe_load(GITLAB.read_text("utf-8"))
    assert [name for name, job in jobs.items() if "id_tokens" in job] == [".deploy"]
    assert [line for line in jobs[".deploy"]["script"] if line.startswith("make")] == [
        "make setup-deploy",
        'make deploy ENVIRONMENT="$CI_ENVIRONMENT_NAME" ASSEMBLY=cdk.out APPROVAL=never',
        'make verify ENVIRONMENT="$CI_ENVIRONMENT_NAME" ASSEMBLY=cdk.out',
    ]
    assert jobs["assembly"]["script"] == ["make test", "make synth sbom"]


def test_cloudformation_accepts_the_example_of_codepipeline() -> None:
    subprocess.run(["cfn-lint", "--regions", "us-east-1", "--", CODEPIPELINE], check=True)


def test_on_codepipeline_what_runs_the_projects_code_assumes_no_role() -> None:
    resources = yaml.load(CODEPIPELINE.read_text("utf-8"), _Template)["Resources"]
    assumed = {
        name: re.findall(r"'(arn:[^']+:role/[^']+)'", str(resource["Properties"]["Policies"]))
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert [name for name, roles in assumed.items() if roles] == ["DeployRole"]
    assert [role.partition("${Qualifier}-")[2].partition("-role")[0] for role in assumed["DeployRole"]] == [
        "deploy",
        "file-publishing",
        "lookup",
    ]
    commands = yaml.safe_load(resources["Deploy"]["Properties"]["Source"]["BuildSpec"])["phases"]
    assert commands["install"]["commands"] == ["make setup-deploy"]
    deploys, verifies = commands["build"]["commands"]
    assert deploys.startswith("make deploy ")
    assert verifies.startswith("make verify ")
    assert "ASSEMBLY=" in deploys
    assert "ASSEMBLY=" in verifies
