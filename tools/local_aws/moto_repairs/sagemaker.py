"""SageMaker: ours in the place of moto's, which nothing stands behind. What scales has to be there."""

from collections.abc import Callable
from typing import Any

import moto.sagemaker.urls
import moto.sagemakerruntime.urls
from botocore.exceptions import ClientError
from moto.applicationautoscaling import models
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.gate.callers import of_caller
from tools.local_aws.sagemaker.registry.model_packages import ModelPackages
from tools.local_aws.sagemaker.service import responses
from tools.local_aws.sagemaker.studio.mlflow_api import PATHS
from tools.local_aws.scaling.live import ACTIONS, LiveScaling

_OF_COMPONENTS = ("sagemaker", "inference-component", "sagemaker:inference-component:DesiredCopyCount")


def install(context: Context) -> None:
    registries: dict[str, ModelPackages] = {}
    answers = [responses(account, registries) for account in context.accounts.values()]
    api, runtime, mlflow = (
        of_caller(dict(zip(context.accounts, parts, strict=True))) for parts in zip(*answers, strict=True)
    )
    moto.sagemaker.urls.url_paths = {"{0}/$": api.dispatch, f"{{0}}{PATHS}$": mlflow.dispatch}
    moto.sagemakerruntime.urls.url_paths = {
        "{0}/endpoints/(?P<name>[^/]+)/invocations$": runtime.dispatch,
        "{0}/endpoints/(?P<name>[^/]+)/async-invocations$": runtime.dispatch,
    }
    backend = ApplicationAutoscalingBackend
    backend.register_scalable_target = _of_what_scales(backend.register_scalable_target, context)
    context.alarm_actions[ACTIONS] = lambda policy_arn, alarm: LiveScaling(context.of(policy_arn)).follow(
        policy_arn, alarm
    )
    for account in context.accounts.values():
        account.controls["pass-minutes"] = LiveScaling(account).pass_minutes
    scaling = ApplicationAutoScalingResponse
    scaling._validate_params = _without_its_own_list(scaling._validate_params)
    models._target_params_are_valid = _knowing_components(models._target_params_are_valid)


def _knowing_components(check: Callable[..., bool]) -> Callable[..., bool]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html."""

    def checked(namespace: str, resource_id: str, dimension: str) -> bool:
        asked = (namespace, resource_id.partition("/")[0], dimension)
        return asked == _OF_COMPONENTS or check(namespace, resource_id, dimension)

    return checked


def _without_its_own_list(validate: Callable[[Any], None]) -> Callable[[Any], None]:
    """Dimensions are held against botocore's list before; moto's is an old one."""

    def validated(response: Any) -> None:
        if response._get_param("ScalableDimension") != _OF_COMPONENTS[-1]:
            validate(response)

    return validated


def _of_what_scales(register: Callable[..., Any], context: Context) -> Callable[..., Any]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html."""

    def registered(backend: Any, namespace: str, resource_id: str, *given: Any, **named: Any) -> Any:
        client = context.accounts[backend.account_id].client("sagemaker")
        if namespace == "sagemaker" and not _exists(resource_id, client):
            what = "variant" if resource_id.startswith("endpoint/") else "inference component"
            raise ApiError("ValidationException", f"SageMaker {what} doesn't exist: {resource_id}")
        return register(backend, namespace, resource_id, *given, **named)

    return registered


def _exists(resource_id: str, sagemaker: Any) -> bool:
    kind, name, *rest = resource_id.split("/")
    if kind not in ("endpoint", "inference-component"):
        return False
    try:
        if kind == "inference-component":
            return bool(sagemaker.describe_inference_component(InferenceComponentName=name))
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError:
        return False
    variants = [*endpoint.get("ProductionVariants", []), *endpoint.get("ShadowProductionVariants", [])]
    # While an endpoint is made it has no variants to tell yet.
    return not variants or rest[-1] in [variant["VariantName"] for variant in variants]
