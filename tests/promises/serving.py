"""Which resources are of which way to serve."""

from config.settings import Deployment, Environment
from tests.stacks.cloud import Cloud, Json, Resource

CONFIGURATION, ENDPOINT = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"


def deployment_of(resource: Resource, environments: dict[str, Environment]) -> Deployment:
    template = resource.template
    use_case = template.short_name.removesuffix("-serving").removesuffix("-monitoring")
    return environments[template.environment].use_cases[use_case]


def of_use_cases(cloud: Cloud, kind: str) -> list[Resource]:
    """Those that are of one use case: not of the endpoint that several share."""
    return [each for each in cloud.of_type(kind) if each.template.short_name != "shared"]


def real_time(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints on instances that answer at once."""
    suits = [
        each for each in of_use_cases(cloud, kind) if deployment_of(each, environments).endpoint.is_real_time
    ]
    return suits or cloud.lacks("a real-time endpoint")


def serverless(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints without instances."""
    suits = [
        each for each in of_use_cases(cloud, kind) if deployment_of(each, environments).endpoint.serverless
    ]
    return suits or cloud.lacks("a serverless endpoint")


def on_instances(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of the other ones."""
    suits = [
        each
        for each in of_use_cases(cloud, kind)
        if not deployment_of(each, environments).endpoint.serverless
    ]
    return suits or cloud.lacks("an endpoint on instances")


def asynchronous(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of endpoints whose requests wait."""
    suits = [
        each for each in of_use_cases(cloud, kind) if deployment_of(each, environments).endpoint.asynchronous
    ]
    return suits or cloud.lacks("an asynchronous endpoint")


def shared(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of models on a shared endpoint."""
    suits = [each for each in of_use_cases(cloud, kind) if deployment_of(each, environments).endpoint.shared]
    return suits or cloud.lacks("a model on a shared endpoint")


def guarded(cloud: Cloud, environments: dict[str, Environment]) -> list[Resource]:
    """Endpoints whose updates are watched: all but those where a second version comes or goes."""
    return [
        endpoint
        for endpoint in of_use_cases(cloud, ENDPOINT)
        if not (other := deployment_of(endpoint, environments).beside) or other.share
    ]


def scaled_by_instances(cloud: Cloud) -> list[Resource]:
    """What scales, but for copies of models on a shared endpoint."""
    return [each for each in cloud.of_type(TARGET) if each.get("ResourceId").startswith("endpoint/")]


def sized(configuration: Resource) -> list[Json]:
    """All variants of an endpoint: those that answer, and the shadow."""
    return [
        *configuration.get("ProductionVariants"),
        *(configuration.get("ShadowProductionVariants") or []),
    ]


def variants_of(configuration: Resource) -> set[str]:
    return {variant["VariantName"] for variant in sized(configuration)}
