"""How a release checks a model on the shared endpoint, in place of an endpoint of its own. Data, too."""

from collections.abc import Mapping
from typing import Any

from stacks.parts.states import TELL_PEOPLE, choice, task, when

Json = dict[str, Any]

_OUTPUTS, _INTENDED = "EndpointConfigName.$", "$.Stack.ComponentModelName[0]"


def with_components(
    states: Mapping[str, Json], component: str, live_version: str, following: str
) -> dict[str, Json]:
    """The states where a serving stack may have a component of this name, and says of which model.

    Whoever looks at that stack looks at this output, too; the component is asked after its update.
    """
    has_endpoint = states["HasEndpoint"]
    is_component = when(_INTENDED, "IsPresent", True, "DescribeComponent")
    return {
        **{name: _looking(state) for name, state in states.items()},
        "HasEndpoint": {**has_endpoint, "Choices": [is_component, *has_endpoint["Choices"]]},
        **_check_component(component, live_version, following),
    }


def _looking(state: Json) -> Json:
    selector = state.get("ResultSelector", {})
    if _OUTPUTS not in selector:
        return state
    path = selector[_OUTPUTS].replace("EndpointConfigName", "ComponentModelName")
    return {**state, "ResultSelector": {**selector, "ComponentModelName.$": path}}


def _check_component(component: str, live_version: str, following: str) -> dict[str, Json]:
    """Whether it has the model that its stack says: when an alarm rings SageMaker takes an update back.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
    """
    return {
        "DescribeComponent": task(
            "sagemaker:describeInferenceComponent",
            {"InferenceComponentName.$": component},
            "IsComponentAsIntended",
            ResultPath="$.Component",
        ),
        "IsComponentAsIntended": choice(
            {
                "And": [
                    {"Variable": live_version, "StringEqualsPath": "$.Target.Version"},
                    {"Variable": "$.Component.Specification.ModelName", "StringEqualsPath": _INTENDED},
                    {"Not": {"Variable": "$.Component.InferenceComponentStatus", "StringEquals": "Failed"}},
                ],
                "Next": following,
            },
            default=TELL_PEOPLE,
        ),
    }
