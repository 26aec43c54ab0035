"""Step Functions: state machines."""

import re
from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import gone
from tools.local_aws.cloudformation.row import Name, Read, Row, Tagging, Work

_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def _arguments(work: Work) -> dict[str, Any]:
    given = dict(work.properties)
    if "DefinitionS3Location" in given:
        raise ResourceError("DefinitionS3Location is not known to the embedded AWS; use DefinitionString.")
    text = as_text(given.pop("DefinitionString", None) or given.pop("Definition", {}))
    given.pop("Definition", None)
    values = given.pop("DefinitionSubstitutions", {})
    given["definition"] = _SUBSTITUTION.sub(lambda m: str(values.get(m[1], m[0])), text)
    return given


ROWS = (
    Row(
        type_name="AWS::StepFunctions::StateMachine",
        service="stepfunctions",
        create="CreateStateMachine",
        update="UpdateStateMachine",
        delete="DeleteStateMachine",
        reference="{Arn}",
        read=Read(
            "DescribeStateMachine",
            {"stateMachineArn": "arn:aws:states:{region}:{account}:stateMachine:{StateMachineName}"},
        ),
        identity={"stateMachineArn": "{Arn}", "resourceArn": "{Arn}"},
        name=Name("StateMachineName", 80),
        renamed={"StateMachineName": "name", "StateMachineType": "type"},
        arguments=_arguments,
        learns={"Arn": "stateMachineArn"},
        attributes={"Name": "{StateMachineName}"},
        settle_deletion=gone("DescribeStateMachine"),
        tagging=Tagging("TagResource", "UntagResource", keys_member="tagKeys"),
    ),
)
