"""SageMaker: ours in the place of moto's, which nothing stands behind. What scales has to be there."""

from collections.abc import Callable, Mapping
from typing import Any

import moto.sagemaker.urls
import moto.sagemakerruntime.urls
from botocore.exceptions import ClientError
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.core.responses import BaseResponse

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.gate.signatures import SIGNED
from tools.local_aws.sagemaker.registry.model_packages import ModelPackages
from tools.local_aws.sagemaker.service import responses
from tools.local_aws.sagemaker.studio.mlflow_api import PATHS


def install(context: Context) -> None:
    registries: dict[str, ModelPackages] = {}
    answers = [responses(account, registries) for account in context.accounts.values()]
    api, runtime, mlflow = (
        _of_caller(dict(zip(context.accounts, parts, strict=True))) for parts in zip(*answers, strict=True)
    )
    moto.sagemaker.urls.url_paths = {"{0}/$": api.dispatch, f"{{0}}{PATHS}$": mlflow.dispatch}
    moto.sagemakerruntime.urls.url_paths = {
        "{0}/endpoints/(?P<name>[^/]+)/invocations$": runtime.dispatch,
        "{0}/endpoints/(?P<name>[^/]+)/async-invocations$": runtime.dispatch,
    }
    backend = ApplicationAutoscalingBackend
    backend.register_scalable_target = _of_a_variant(backend.register_scalable_target, context)


def _of_caller(classes: Mapping[str, type[BaseResponse]]) -> Any:
    """What answers with the class of the caller's account; moto asks for a class."""

    class OfCaller:
        @classmethod
        def dispatch(cls, request: Any, *given: Any, **named: Any) -> Any:
            return classes[request.environ[SIGNED].account].dispatch(request, *given, **named)

    return OfCaller


def _of_a_variant(register: Callable[..., Any], context: Context) -> Callable[..., Any]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html."""

    def registered(backend: Any, namespace: str, resource_id: str, *given: Any, **named: Any) -> Any:
        if namespace == "sagemaker" and not _exists(
            resource_id, context.accounts[backend.account_id].client("sagemaker")
        ):
            raise ApiError("ValidationException", f"SageMaker variant doesn't exist: {resource_id}")
        return register(backend, namespace, resource_id, *given, **named)

    return registered


def _exists(resource_id: str, sagemaker: Any) -> bool:
    kind, name, *rest = resource_id.split("/")
    if kind != "endpoint":
        return False
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError:
        return False
    variants = [*endpoint.get("ProductionVariants", []), *endpoint.get("ShadowProductionVariants", [])]
    # While an endpoint is made it has no variants to tell yet.
    return not variants or rest[-1] in [variant["VariantName"] for variant in variants]
