"""Where the model of a use case answers."""

from dataclasses import dataclass

from tools.rehearse.people import Aws, Person, stack_outputs


@dataclass(frozen=True)
class Served:
    """Where a model answers: at an endpoint of its own, or as a component of one that is shared."""

    endpoint: str
    component: str = ""

    @classmethod
    def of(cls, aws: Aws, name: str) -> "Served":
        """As the serving stack says."""
        outputs = stack_outputs(aws, f"{name}-serving")
        return cls(outputs["EndpointName"], outputs.get("InferenceComponentName", ""))

    @property
    def address(self) -> dict[str, str]:
        """What a request says of it."""
        named = {"InferenceComponentName": self.component} if self.component else {}
        return {"EndpointName": self.endpoint, **named}

    def __str__(self) -> str:
        return f"{self.endpoint}, as component {self.component}" if self.component else self.endpoint

    def state(self, engineer: Person) -> tuple[str, str]:
        """Its status, and why it is that."""
        sagemaker = engineer.client("sagemaker")
        if self.component:
            described = sagemaker.describe_inference_component(InferenceComponentName=self.component)
            status = described["InferenceComponentStatus"]
        else:
            described = sagemaker.describe_endpoint(EndpointName=self.endpoint)
            status = described["EndpointStatus"]
        return status, described.get("FailureReason", "no reason was given")
