"""DataBrew for one use case: a profile of its raw data, and a copy with personal data masked."""

import json
from typing import Any

from aws_cdk import aws_databrew as databrew
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.layout import Zone
from stacks.permissions.roles import arn_of
from stacks.use_case_stack import UseCaseStack

MASK = "#"


class DataPreparation(Construct):
    """Dataset and profile job; recipe and masking job where the use case names personal data."""

    def __init__(self, stack: UseCaseStack, role: iam.Role) -> None:
        super().__init__(stack, "Preparation")
        self.name = stack.fixed_name
        self.use_case = stack.use_case
        self.layout = stack.foundation.layout
        self.job_settings: dict[str, Any] = {
            "role_arn": arn_of(role),
            "encryption_mode": "SSE-KMS",
            "encryption_key_arn": stack.foundation.key_arn,
            "log_subscription": "ENABLE",
            "max_capacity": 5,
            "max_retries": 0,
            "timeout": 120,
        }
        dataset = self._create_dataset()
        self._create_profile_job(dataset)
        if self.use_case.personal_data:
            self._create_masking_job(dataset)

    def _create_dataset(self) -> databrew.CfnDataset:
        dataset = databrew.CfnDataset
        # In angle brackets stands a regular expression: every delivery is a folder of its own.
        deliveries = _location(self.layout.raw, self.use_case.name, "<.*>.csv")
        csv = dataset.CsvOptionsProperty(delimiter=",", header_row=True)
        return dataset(
            self,
            "RawData",
            name=self.name,
            format="CSV",
            format_options=dataset.FormatOptionsProperty(csv=csv),
            input=dataset.InputProperty(s3_input_definition=dataset.S3LocationProperty(**deliveries)),
        )

    def _create_profile_job(self, dataset: databrew.CfnDataset) -> None:
        profiles = _location(self.layout.profiles, self.use_case.name, "")
        job = databrew.CfnJob(
            self,
            "ProfileJob",
            name=f"{self.name}-profile",
            type="PROFILE",
            dataset_name=dataset.name,
            output_location=databrew.CfnJob.OutputLocationProperty(**profiles),
            **self.job_settings,
        )
        job.add_resource_dependency(dataset)

    def _create_masking_job(self, dataset: databrew.CfnDataset) -> None:
        recipe = databrew.CfnRecipe(
            self,
            "MaskingRecipe",
            name=f"{self.name}-mask",
            description=f"Masks the personal data of {self.use_case.name}",
            steps=[_masking_step(column) for column in self.use_case.personal_data],
        )
        masked = databrew.CfnJob.S3LocationProperty(
            **_location(self.layout.processed, self.use_case.name, "masked", "")
        )
        job = databrew.CfnJob(
            self,
            "MaskingJob",
            name=f"{self.name}-mask",
            type="RECIPE",
            dataset_name=dataset.name,
            recipe=databrew.CfnJob.RecipeProperty(name=recipe.name, version="LATEST_WORKING"),
            outputs=[databrew.CfnJob.OutputProperty(format="CSV", overwrite=False, location=masked)],
            **self.job_settings,
        )
        job.add_resource_dependency(dataset)
        job.add_resource_dependency(recipe)


def _location(zone: Zone, *below: str) -> dict[str, str]:
    return {"bucket": zone.bucket.name, "key": zone.key(*below)}


def _masking_step(column: str) -> databrew.CfnRecipe.RecipeStepProperty:
    """Replaces every character of a column.

    https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.MASK_CUSTOM.html
    """
    parameters = {
        "sourceColumns": json.dumps([column]),
        "maskSymbol": MASK,
        "regex": "true",
        "customValue": ".",
    }
    return databrew.CfnRecipe.RecipeStepProperty(
        action=databrew.CfnRecipe.ActionProperty(operation="MASK_CUSTOM", parameters=parameters)
    )
