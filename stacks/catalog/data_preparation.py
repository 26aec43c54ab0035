"""DataBrew for one use case: a profile of its raw data, and a copy with personal data masked."""

import json
from typing import Any

from aws_cdk import aws_databrew as databrew
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import UseCase
from stacks.foundation.stack import FoundationStack

MASK = "#"


class DataPreparation(Construct):
    """Dataset and profile job; recipe and masking job where the use case names personal data."""

    def __init__(
        self, scope: Construct, *, name: str, use_case: UseCase, role: iam.Role, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, "Preparation")
        self.name = name
        self.use_case = use_case
        self.layout = foundation.layout
        self.job_settings: dict[str, Any] = {
            "role_arn": role.role_arn,
            "encryption_mode": "SSE-KMS",
            "encryption_key_arn": foundation.key.key_arn,
            "log_subscription": "ENABLE",
            "max_capacity": 5,
            "max_retries": 0,
            "timeout": 120,
        }
        dataset = self._create_dataset()
        self._create_profile_job(dataset)
        if use_case.personal_data:
            self._create_masking_job(dataset, self._create_recipe())

    def _create_dataset(self) -> databrew.CfnDataset:
        return databrew.CfnDataset(
            self,
            "RawData",
            name=self.name,
            format="CSV",
            format_options=databrew.CfnDataset.FormatOptionsProperty(
                csv=databrew.CfnDataset.CsvOptionsProperty(delimiter=",", header_row=True)
            ),
            input=databrew.CfnDataset.InputProperty(
                s3_input_definition=databrew.CfnDataset.S3LocationProperty(
                    # In angle brackets stands a regular expression: every delivery is a folder of its own.
                    bucket=self.layout.raw.bucket.name,
                    key=self.layout.raw.key(self.use_case.name, "<.*>.csv"),
                )
            ),
        )

    def _create_profile_job(self, dataset: databrew.CfnDataset) -> None:
        profiles = self.layout.profiles
        job = databrew.CfnJob(
            self,
            "ProfileJob",
            name=f"{self.name}-profile",
            type="PROFILE",
            dataset_name=dataset.name,
            output_location=databrew.CfnJob.OutputLocationProperty(
                bucket=profiles.bucket.name, key=profiles.key(self.use_case.name, "")
            ),
            **self.job_settings,
        )
        job.add_resource_dependency(dataset)

    def _create_recipe(self) -> databrew.CfnRecipe:
        return databrew.CfnRecipe(
            self,
            "MaskingRecipe",
            name=f"{self.name}-mask",
            description=f"Masks the personal data of {self.use_case.name}",
            steps=[_masking_step(column) for column in self.use_case.personal_data],
        )

    def _create_masking_job(self, dataset: databrew.CfnDataset, recipe: databrew.CfnRecipe) -> None:
        processed = self.layout.processed
        job = databrew.CfnJob(
            self,
            "MaskingJob",
            name=f"{self.name}-mask",
            type="RECIPE",
            dataset_name=dataset.name,
            recipe=databrew.CfnJob.RecipeProperty(name=recipe.name, version="LATEST_WORKING"),
            outputs=[
                databrew.CfnJob.OutputProperty(
                    format="CSV",
                    overwrite=False,
                    location=databrew.CfnJob.S3LocationProperty(
                        bucket=processed.bucket.name, key=processed.key(self.use_case.name, "masked", "")
                    ),
                )
            ],
            **self.job_settings,
        )
        job.add_resource_dependency(dataset)
        job.add_resource_dependency(recipe)


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
