"""Executes the notebook as Studio would: in a kernel of its own, with a data scientist's credentials."""

import csv
import io
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import nbformat
from botocore.config import Config as ClientConfig
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from traitlets.config import Config

from tools.rehearse.samples import Sample

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "getting-started.ipynb"
MLFLOW = Path(sys.prefix) / "mlflow"
USE_CASE = "house-prices"
"""What the notebook is about: it draws these columns."""
ENGINEER_PROFILE = "mlops-engineer"
DELIVERY = "until_{value}.csv"
_CELL_TIMEOUT_SECONDS = 180

Variables = dict[str, str]
"""Environment variables."""


class NotebookError(Exception):
    """A cell failed that should not: which one, and why."""


@dataclass(frozen=True)
class Account:
    """A deployed environment, as its operator sees it."""

    variables: Variables
    """With these, AWS's tools act as the operator."""
    client: Callable[[str], Any]
    """Makes the operator's boto3 client of a service."""
    prefix: str
    """What all names of the environment begin with."""

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Who and what is there, by the key in the outputs of the foundation."""
        stack = f"{self.prefix}-foundation"
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def act_as(self, persona: str, name: str) -> Variables:
        """With these, AWS's tools act with a persona's role, and know no other identity."""
        role_arn = self.outputs[f"{persona}RoleArn"]
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
        return self.variables | {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
        }


def deliver_the_others(account: Account, sample: Sample) -> str:
    """As the data engineer, deliver all rows but those that differ: something to compare with."""
    with sample.path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[sample.column] != sample.value]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    engineer, bucket = account.act_as("DataEngineer", "data-engineer"), account.outputs["DataBucketName"]
    key = f"raw/{sample.use_case}/{DELIVERY.format(value=max(row[sample.column] for row in rows))}"
    _s3(engineer).put_object(Bucket=bucket, Key=key, Body=text.getvalue().encode())
    return f"s3://{bucket}/{key}"


def _s3(variables: Variables) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
        config=ClientConfig(s3={"addressing_style": "path"}),
    )


def data_scientist(account: Account, pipeline: str, delivery: str) -> Variables:
    """What a kernel needs to act as the data scientist, on a delivery for a pipeline.

    Studio's images have MLflow and AWS's plugin for it.
    """
    role = account.act_as("DataScientist", "data-scientist")
    return role | {
        "PIPELINE_NAME": pipeline,
        "INPUT_DATA": delivery,
        "EXPERIMENT_ROLE_ARN": account.outputs["ExperimentRoleArn"],
        "PYTHONPATH": str(MLFLOW),
        "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": account.variables["AWS_ENDPOINT_URL"],
    }


def may_be_engineer(account: Account, folder: Path) -> Variables:
    """What a kernel needs besides to act as MLOps engineer too: a profile, as people have them."""
    role_arn = account.outputs["MlopsEngineerRoleArn"]
    profiles = folder / "aws-config"
    profiles.write_text(
        f"[profile {ENGINEER_PROFILE}]\nrole_arn = {role_arn}\nsource_profile = operator\n"
        "[profile operator]\n"
        f"aws_access_key_id = {account.variables['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {account.variables['AWS_SECRET_ACCESS_KEY']}\n",
        "utf-8",
    )
    return {"AWS_CONFIG_FILE": str(profiles), "MLOPS_ENGINEER_PROFILE": ENGINEER_PROFILE}


def read_notebook() -> nbformat.NotebookNode:
    """The notebook as it is committed."""
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)
    return notebook


def execute(notebook: nbformat.NotebookNode, variables: Variables) -> nbformat.NotebookNode:
    """Execute all cells in a fresh kernel and return them with their outputs.

    Raises NotebookError for the first cell that fails without being meant to.
    """
    with tempfile.TemporaryDirectory(prefix="notebook-") as folder:
        client = NotebookClient(
            notebook,
            timeout=_CELL_TIMEOUT_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            # Sockets in the folder instead of ports that everybody on this machine could connect to.
            config=Config({"KernelManager": {"transport": "ipc", "connection_file": f"{folder}/kernel"}}),
        )
        try:
            client.execute(env=dict(os.environ) | variables | {"IPYTHONDIR": f"{folder}/ipython"})
        except (CellExecutionError, CellTimeoutError) as error:
            raise NotebookError(str(error)) from None
    return notebook
