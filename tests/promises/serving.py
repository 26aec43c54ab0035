"""Which resources are of which way to serve."""

from config.settings import Deployment, Environment
from tests.stacks.cloud import Cloud, Json, Resource

CONFIGURATION, ENDPOINT = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"


def deployment_of(resource: Resource, environments: dict[str, Environment]) -> Deployment:
    template = resource.template
    use_case = template.short_name.removesuffix("-serving").removesuffix("-monitoring")
    return environments[template.environment].use_cases[use_case]


def real_time(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints on instances that answer at once."""
    suits = [each for each in cloud.of_type(kind) if deployment_of(each, environments).endpoint.is_real_time]
    return suits or cloud.lacks("a real-time endpoint")


def serverless(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints without instances."""
    suits = [each for each in cloud.of_type(kind) if deployment_of(each, environments).endpoint.serverless]
    return suits or cloud.lacks("a serverless endpoint")


def on_instances(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of the other ones."""
    suits = [
        each for each in cloud.of_type(kind) if not deployment_of(each, environments).endpoint.serverless
    ]
    return suits or cloud.lacks("an endpoint on instances")


def asynchronous(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints whose requests wait."""
    suits = [each for each in cloud.of_type(kind) if deployment_of(each, environments).endpoint.asynchronous]
    return suits or cloud.lacks("an asynchronous endpoint")


def guarded(cloud: Cloud, environments: dict[str, Environment]) -> list[Resource]:
    """Endpoints whose updates are watched: all but those where a second version comes or goes."""
    return [
        endpoint
        for endpoint in cloud.of_type(ENDPOINT)
        if not (other := deployment_of(endpoint, environments).beside) or other.share
    ]


def sized(configuration: Resource) -> list[Json]:
    """All variants of an endpoint: those that answer, and the shadow."""
    return [
        *configuration.get("ProductionVariants"),
        *(configuration.get("ShadowProductionVariants") or []),
    ]


def variants_of(configuration: Resource) -> set[str]:
    return {variant["VariantName"] for variant in sized(configuration)}
