"""Systems Manager: parameters and associations."""

from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
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
    Row(
        type_name="AWS::SSM::Association",
        service="ssm",
        create="CreateAssociation",
        update="UpdateAssociation",
        delete="DeleteAssociation",
        reference="{AssociationId}",
        learns={"AssociationId": "AssociationDescription.AssociationId"},
        identity={
            "AssociationId": "{AssociationId}",
            "ResourceId": "{AssociationId}",
            "ResourceType": "Association",
        },
        tagging=Tagging("AddTagsToResource", "RemoveTagsFromResource"),
        checks=(reads_back("DescribeAssociation", {"Parameters": "AssociationDescription.Parameters"}),),
    ),
)
