"""Systems Manager: parameters."""

from typing import Any

from tools.local_aws.cloudformation.row import Name, Row, Tagging, Work


def _arguments(work: Work) -> dict[str, Any]:
    return {**work.properties, **({"Overwrite": True} if work.phase == "update" else {})}


ROWS = (
    Row(
        type_name="AWS::SSM::Parameter",
        service="ssm",
        create="PutParameter",
        update="PutParameter",
        delete="DeleteParameter",
        reference="{Name}",
        identity={"Name": "{Name}", "ResourceId": "{Name}", "ResourceType": "Parameter"},
        name=Name("Name", 1011),
        arguments=_arguments,
        tagging=Tagging("AddTagsToResource", "RemoveTagsFromResource"),
        attributes={"Arn": "arn:aws:ssm:{region}:{account}:parameter/{Name}"},
    ),
)
