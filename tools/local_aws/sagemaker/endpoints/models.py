"""Models and endpoint configurations: what an endpoint is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from tools.local_aws.clients import Credentials
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.endpoints.variants import OF_COMPONENTS, refuse_host, variants_of
from tools.local_aws.sagemaker.errors import JobFailedError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.s3_objects import split_uri
from tools.local_aws.sagemaker.store import Members, Table, now


@dataclass(frozen=True)
class ServedModel:
    """What a model server needs to know of a model."""

    role_arn: str
    image: str
    data_url: str
    environment: dict[str, str]


def table_of(account: Account, kind: str, label: str) -> Table:
    """A table whose refusals read as those of models and endpoints on AWS."""

    def refusal(text: str) -> Callable[[str], ServiceException]:
        return lambda name: ValidationError(f'{text} "{account.arn(kind, name)}".')

    return Table(
        not_found=refusal(f"Could not find {label}"), taken=refusal(f"Cannot create already existing {label}")
    )


class Models:
    """Create, Describe, List and Delete of models and endpoint configurations."""

    def __init__(self, account: Account, packages: Table) -> None:
        self._account = account
        self._packages = packages
        self.models = table_of(account, "model", "model")
        self.configs = table_of(account, "endpoint-config", "endpoint configuration")

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModel": self._create_model,
            "DescribeModel": lambda request: self.models.get(request["ModelName"]),
            "ListModels": lambda request: page(self.models.values(), request, "Models", "ModelName"),
            "DeleteModel": self._delete_model,
            "CreateEndpointConfig": self._create_config,
            "DescribeEndpointConfig": lambda request: self.configs.get(request["EndpointConfigName"]),
            "ListEndpointConfigs": lambda request: page(
                self.configs.values(), request, "EndpointConfigs", "EndpointConfigName"
            ),
            "DeleteEndpointConfig": self._delete_config,
        }

    def _create_model(self, request: Members) -> Members:
        if "ExecutionRoleArn" not in request:
            raise ValidationError("ExecutionRoleArn is required to create a model.")
        role = self._account.assume(request["ExecutionRoleArn"])
        container = _container(request)
        if "ModelDataUrl" in container:
            self._check_data(container["ModelDataUrl"], request["ExecutionRoleArn"], role)
        if "ModelPackageName" in container:
            self._approved_package(container["ModelPackageName"])
        elif "Image" not in container:
            raise ValidationError("A container needs an Image or a ModelPackageName.")
        arn = self._account.arn("model", request["ModelName"])
        self.models.add(request["ModelName"], request | {"ModelArn": arn, "CreationTime": now()})
        self._account.tags.register(arn, request.get("Tags"))
        return {"ModelArn": arn}

    def _check_data(self, url: str, role_arn: str, role: Credentials) -> None:
        """Refuses a model whose data its role does not find, in the words of
        https://github.com/aws/aws-step-functions-data-science-sdk-python/issues/61 and
        https://github.com/aws/sagemaker-python-sdk/issues/3755.
        """
        bucket, key = split_uri(url)
        try:
            self._account.context.client("s3", role).head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                raise ValidationError(f"Could not find model data at {url}.") from error
            raise ValidationError(
                f'Could not access model data at {url}. Please ensure that the role "{role_arn}" exists and '
                'that its trust relationship policy allows the action "sts:AssumeRole" for the service '
                'principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" '
                f"permissions and that the object is located in {self._account.context.region}."
            ) from error

    def _delete_model(self, request: Members) -> None:
        self._account.tags.forget(self.models.remove(request["ModelName"])["ModelArn"])

    def _create_config(self, request: Members) -> Members:
        if any("ModelName" not in variant for variant in variants_of(request)):
            refuse_host(request)
            self._account.assume(request["ExecutionRoleArn"])
        elif of_components := sorted(OF_COMPONENTS & set(request)):
            # https://github.com/hashicorp/terraform-provider-aws/pull/48738 and 48884
            raise ValidationError(f"{', '.join(of_components)} can only be used without a ModelName.")
        for variant in variants_of(request):
            if "ModelName" not in variant:
                continue
            if variant.get("ManagedInstanceScaling", {}).get("MinInstanceCount") == 0:
                # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
                raise ValidationError("An endpoint can scale to zero only if it hosts inference components.")
            model = self.models.get(variant["ModelName"])
            if "ServerlessConfig" in variant and {"VpcConfig", "EnableNetworkIsolation"} & set(model):
                # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
                raise ValidationError("VpcConfig and network isolation are not for serverless endpoints.")
        name = request["EndpointConfigName"]
        arn = self._account.arn("endpoint-config", name)
        self.configs.add(name, request | {"EndpointConfigArn": arn, "CreationTime": now()})
        self._account.tags.register(arn, request.get("Tags"))
        return {"EndpointConfigArn": arn}

    def _delete_config(self, request: Members) -> None:
        record = self.configs.remove(request["EndpointConfigName"])
        self._account.tags.forget(record["EndpointConfigArn"])

    def _approved_package(self, name: str) -> Members:
        package = self._packages.get(name)
        if package["ModelApprovalStatus"] != "Approved":
            raise ValidationError(
                f"Model package {package['ModelPackageArn']} cannot be deployed: its ModelApprovalStatus is "
                f"{package['ModelApprovalStatus']}, not Approved."
            )
        return package

    def role_of(self, config: Members) -> Credentials:
        """What an endpoint of one variant acts with."""
        return self._account.assume(self.served(config["ProductionVariants"][0]["ModelName"]).role_arn)

    def served(self, model_name: str) -> ServedModel:
        """The model as a server needs it, its package resolved; `JobFailedError` when it cannot be served."""
        try:
            model = self.models.get(model_name)
            container = _container(model)
            if "ModelPackageName" in container:
                package = self._approved_package(container["ModelPackageName"])
                base = package["InferenceSpecification"]["Containers"][0]
                environment = base.get("Environment", {}) | container.get("Environment", {})
                container = base | {"Environment": environment}
        except ServiceException as error:
            raise JobFailedError(error.message) from error
        if "ModelDataUrl" not in container:
            raise JobFailedError(
                f"The embedded AWS only serves models with a ModelDataUrl; {model_name} has none."
            )
        return ServedModel(
            model["ExecutionRoleArn"],
            container["Image"],
            container["ModelDataUrl"],
            container.get("Environment", {}),
        )


def _container(model: Members) -> Members:
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    if len(containers) != 1:
        raise ValidationError(f"The embedded AWS only has models of one container, not of {len(containers)}.")
    container: Members = containers[0]
    return container
