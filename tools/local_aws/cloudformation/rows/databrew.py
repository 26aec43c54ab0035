"""DataBrew: datasets, recipes, jobs."""

from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Read, Row, Setting, Tagging, Work

_ARN = "arn:aws:databrew:{region}:{account}:"
_TAGGING = Tagging("TagResource", "UntagResource")
_OF_ONE_KIND = {"PROFILE": "ProfileJob", "RECIPE": "RecipeJob"}
_JOB_PROPERTIES = (
    "DataCatalogOutputs",
    "DatabaseOutputs",
    "EncryptionKeyArn",
    "EncryptionMode",
    "JobSample",
    "LogSubscription",
    "MaxCapacity",
    "MaxRetries",
    "OutputLocation",
    "Outputs",
    "ProfileConfiguration",
    "RoleArn",
    "Timeout",
    "ValidationConfigurations",
)
_ONLY_AT_CREATION = ("DatasetName", "ProjectName", "Recipe", "Tags")


def _put_job(work: Work) -> None:
    """The two types of job have operations of their own."""
    noun = _OF_ONE_KIND[work.properties["Type"]]
    names = (*_JOB_PROPERTIES, *(_ONLY_AT_CREATION if work.phase == "create" else ()))
    given: dict[str, Any] = {name: work.properties[name] for name in names if name in work.properties}
    if "ProfileConfiguration" in given:
        given["Configuration"] = given.pop("ProfileConfiguration")
    if "Recipe" in given:
        recipe = given.pop("Recipe")
        given["RecipeReference"] = {"Name": recipe["Name"], "RecipeVersion": recipe["Version"]}
    work.call(f"{'Create' if work.phase == 'create' else 'Update'}{noun}", given)


ROWS = (
    Row(
        type_name="AWS::DataBrew::Dataset",
        service="databrew",
        create="CreateDataset",
        update="UpdateDataset",
        delete="DeleteDataset",
        reference="{Name}",
        identity={"Name": "{Name}", "ResourceArn": f"{_ARN}dataset/{{Name}}"},
        name=Name("Name", 255),
        tagging=_TAGGING,
        checks=(reads_back("DescribeDataset", {"Input": "Input"}),),
    ),
    Row(
        type_name="AWS::DataBrew::Recipe",
        service="databrew",
        create="CreateRecipe",
        update="UpdateRecipe",
        delete="DeleteRecipeVersion",
        reference="{Name}",
        identity={
            "Name": "{Name}",
            "RecipeVersion": "LATEST_WORKING",
            "ResourceArn": f"{_ARN}recipe/{{Name}}",
        },
        name=Name("Name", 255),
        tagging=_TAGGING,
        checks=(reads_back("DescribeRecipe", {"Steps": "Steps"}),),
    ),
    Row(
        type_name="AWS::DataBrew::Job",
        service="databrew",
        create=None,
        delete="DeleteJob",
        reference="{Name}",
        read=Read("DescribeJob"),
        identity={"Name": "{Name}", "ResourceArn": f"{_ARN}job/{{Name}}"},
        name=Name("Name", 240),
        settings=(Setting((*_JOB_PROPERTIES, "Type"), _put_job),),
        tagging=_TAGGING,
        checks=(reads_back("DescribeJob", {"EncryptionKeyArn": "EncryptionKeyArn", "RoleArn": "RoleArn"}),),
    ),
)
