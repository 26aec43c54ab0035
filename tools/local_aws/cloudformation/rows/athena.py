"""Athena: workgroups."""

from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Row, Tagging, Work


def _arguments(work: Work) -> dict[str, Any]:
    """What a new workgroup calls its configuration is called updates of it later."""
    given = dict(work.properties)
    configuration = dict(given.pop("WorkGroupConfiguration", {}))
    if work.phase == "create":
        return {**given, "Configuration": configuration}
    if "ResultConfiguration" in configuration:
        configuration["ResultConfigurationUpdates"] = configuration.pop("ResultConfiguration")
    return {"Description": given.get("Description"), "ConfigurationUpdates": configuration}


ROWS = (
    Row(
        type_name="AWS::Athena::WorkGroup",
        service="athena",
        create="CreateWorkGroup",
        update="UpdateWorkGroup",
        delete="DeleteWorkGroup",
        reference="{Name}",
        identity={
            "WorkGroup": "{Name}",
            "ResourceARN": "arn:aws:athena:{region}:{account}:workgroup/{Name}",
        },
        name=Name("Name", 128),
        arguments=_arguments,
        tagging=Tagging("TagResource", "UntagResource"),
        ignored={
            "RecursiveDeleteOption": "the embedded AWS keeps no queries that a deletion could trip over"
        },
        checks=(reads_back("GetWorkGroup", {"WorkGroupConfiguration": "WorkGroup.Configuration"}),),
    ),
)
