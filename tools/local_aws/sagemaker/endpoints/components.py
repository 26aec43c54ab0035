"""Inference components: models that share the instances of an endpoint, each with its copies."""

import logging
import threading
import time
from collections.abc import Callable

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.endpoints.copies import Component, Copies, Room, space_kept
from tools.local_aws.sagemaker.endpoints.deployment import Endpoint, retire
from tools.local_aws.sagemaker.endpoints.instances import Space
from tools.local_aws.sagemaker.endpoints.models import Models, table_of
from tools.local_aws.sagemaker.endpoints.operations import Endpoints
from tools.local_aws.sagemaker.endpoints.rollout import Rollout
from tools.local_aws.sagemaker.endpoints.shift import Shift
from tools.local_aws.sagemaker.errors import JobFailedError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now

# Word for word: https://github.com/huggingface/skills, hf-cloud-sagemaker-deploy, July 2026.
_NO_ROOM = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)
_STATES = {
    "Creating": "CREATE_IN_PROGRESS",
    "Updating": "UPDATE_IN_PROGRESS",
    "Deleting": "DELETE_IN_PROGRESS",
}
_SCALING_SECONDS = 0.05

log = logging.getLogger(__name__)


class Components:
    """Create, Describe, List, Update, UpdateRuntimeConfig and Delete."""

    def __init__(self, account: Account, models: Models, endpoints: Endpoints) -> None:
        self._account = account
        self._models = models
        self._endpoints = endpoints
        self._live: dict[str, Component] = {}
        endpoints.components = self._live
        self._table = table_of(account, "inference-component", "inference component")

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateInferenceComponent": self._create,
            "DescribeInferenceComponent": self._describe,
            "ListInferenceComponents": self._list,
            "UpdateInferenceComponent": self._update,
            "UpdateInferenceComponentRuntimeConfig": self._resize,
            "DeleteInferenceComponent": self._delete,
        }

    def _create(self, request: Members) -> Members:
        name, host = request["InferenceComponentName"], self._host(request)
        specification = self._specification(request)
        arn, created = self._account.arn("inference-component", name), now()
        assert host.fleet is not None
        record = {
            "InferenceComponentName": name,
            "InferenceComponentArn": arn,
            "EndpointName": host.record["EndpointName"],
            "EndpointArn": host.record["EndpointArn"],
            "VariantName": request.get("VariantName") or next(iter(host.fleet.variants)),
            "Specification": specification,
            "InferenceComponentStatus": "Creating",
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        if record["VariantName"] not in host.fleet.variants:
            raise ValidationError(f'Could not find variant "{record["VariantName"]}" of the endpoint.')
        self._table.add(name, record)
        self._account.tags.register(arn, request.get("Tags"))
        component = self._live[name] = Component(record)
        count = request.get("RuntimeConfig", {}).get("CopyCount", 1)
        self._begin(component, "Creating", lambda: self._bring(component, specification, count, {}))
        return {"InferenceComponentArn": arn}

    def _host(self, request: Members) -> Endpoint:
        """The endpoint, if it takes components; in words of ours.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        """
        record = self._endpoints.table.get(request["EndpointName"])
        host = self._endpoints.live(record["EndpointName"])
        if record["EndpointStatus"] != "InService" or host is None or host.fleet is None:
            raise ValidationError(
                f'Endpoint "{record["EndpointArn"]}" is {record["EndpointStatus"]}: it has to be in service '
                "to host inference components."
            )
        if not host.fleet.hosts_components:
            raise ValidationError(
                f'Endpoint "{record["EndpointArn"]}" hosts models: leave ModelName out of its configuration '
                "to host inference components."
            )
        return host

    def _specification(self, request: Members) -> Members:
        """What is asked for, if there is such a model."""
        specification: Members = request["Specification"]
        if "ModelName" not in specification or "ComputeResourceRequirements" not in specification:
            raise ValidationError(
                "The embedded AWS has inference components with a ModelName and ComputeResourceRequirements."
            )
        self._models.models.get(specification["ModelName"])
        return specification

    def _describe(self, request: Members) -> Members:
        record = self._table.get(request["InferenceComponentName"])
        component = self._live[record["InferenceComponentName"]]
        wanted = record.get("DesiredCopyCount", component.count)
        shown = {name: value for name, value in record.items() if name != "DesiredCopyCount"}
        return shown | {"RuntimeConfig": {"DesiredCopyCount": wanted, "CurrentCopyCount": component.count}}

    def _list(self, request: Members) -> Members:
        records = [
            record
            for record in self._table.values()
            if request.get("EndpointNameEquals") in (None, record["EndpointName"])
            and request.get("VariantNameEquals") in (None, record["VariantName"])
        ]
        return page(
            records,
            request,
            "InferenceComponents",
            "InferenceComponentName",
            "InferenceComponentStatus",
        )

    def _update(self, request: Members) -> Members:
        component = self._settled(request, "update")
        specification = self._specification(request) if "Specification" in request else None
        count = request.get("RuntimeConfig", {}).get("CopyCount", component.count)
        deployment = request.get("DeploymentConfig", {})
        _refuse_large_steps(deployment, count)
        wanted = specification or component.record["Specification"]
        self._begin(component, "Updating", lambda: self._bring(component, wanted, count, deployment))
        return {"InferenceComponentArn": component.record["InferenceComponentArn"]}

    def _resize(self, request: Members) -> Members:
        component, count = self._settled(request, "update"), request["DesiredRuntimeConfig"]["CopyCount"]
        self._begin(component, "Updating", lambda: self._scale(component, count))
        component.record["DesiredCopyCount"] = count
        return {"InferenceComponentArn": component.record["InferenceComponentArn"]}

    def _delete(self, request: Members) -> None:
        component = self._settled(request, "delete")
        name = component.record["InferenceComponentName"]
        with component.lock:
            component.record["InferenceComponentStatus"] = "Deleting"
            copies, component.fleet = component.fleet, None
        if copies is not None:
            copies.stop()
        self._table.remove(name)
        del self._live[name]
        self._account.tags.forget(component.record["InferenceComponentArn"])
        self._settle_instances(component)

    def _settled(self, request: Members, what: str) -> Component:
        """The component, if nothing else is done to it: what is in progress is not disturbed.

        https://github.com/huggingface/skills, hf-cloud-sagemaker-deploy, July 2026.
        """
        record = self._table.get(request["InferenceComponentName"])
        state = _STATES.get(record["InferenceComponentStatus"])
        if state:
            state = "UPDATE_RC_IN_PROGRESS" if "DesiredCopyCount" in record else state
            raise ValidationError(
                f'Cannot {what} inference component "{record["InferenceComponentArn"]}" while it is in state '
                f"{state}."
            )
        return self._live[record["InferenceComponentName"]]

    def _begin(self, component: Component, status: str, work: Callable[[], None]) -> None:
        self._set_status(component, status)
        name = component.record["InferenceComponentName"]
        threading.Thread(
            target=self._work, args=(component, work), name=f"component {name}", daemon=True
        ).start()

    def _work(self, component: Component, work: Callable[[], None]) -> None:
        record = component.record
        try:
            work()
            record.pop("FailureReason", None)
        except Exception as error:
            if not isinstance(error, JobFailedError):
                log.error("Inference component %s", record["InferenceComponentName"], exc_info=error)
            record["FailureReason"] = str(getattr(error, "message", error))[:1024]
        record.pop("DesiredCopyCount", None)
        self._settle_instances(component)
        is_new = record["InferenceComponentStatus"] == "Creating"
        failed = is_new and "FailureReason" in record
        self._set_status(component, "Failed" if failed else "InService")

    def _bring(self, component: Component, specification: Members, count: int, deployment: Members) -> None:
        """Start copies of a specification, and move the requests to them; the old ones go at the end."""
        self._refuse_without_room(component, specification, count)
        old, new = component.fleet, self._started(component, specification, count)
        if old is not None and new is not None:
            rollout = component.rollout = Rollout(new)
            try:
                Shift(self._account, rollout, deployment, lambda: False, lambda: None).run()
            except Exception:
                with component.lock:
                    component.rollout = None
                retire(new)
                raise
        with component.lock:
            component.fleet, component.rollout = new, None
        component.record["Specification"] = specification
        if deployment:
            component.record["LastDeploymentConfig"] = deployment
        if old is not None:
            retire(old)

    def _scale(self, component: Component, count: int) -> None:
        specification = component.record["Specification"]
        self._refuse_without_room(component, specification, count)
        time.sleep(_SCALING_SECONDS)
        if component.fleet is None or count == 0:
            old, new = component.fleet, self._started(component, specification, count)
            with component.lock:
                component.fleet = new
            if old is not None:
                retire(old)
        else:
            for variant in component.fleet.variants.values():
                variant.instances = count

    def _started(self, component: Component, specification: Members, count: int) -> Copies | None:
        if count == 0:
            return None
        host = self._endpoints.live(component.record["EndpointName"])
        if host is None or host.fleet is None:
            raise JobFailedError(f"There is no endpoint {component.record['EndpointName']} any more.")
        copies = component.begin(self._account, host, specification, count)
        copies.start(self._models)
        return copies

    def _refuse_without_room(self, component: Component, specification: Members, count: int) -> None:
        host = self._endpoints.live(component.record["EndpointName"])
        if host is not None and host.fleet is not None:
            wanted = [*_kept(self._on(host), but=component), *[space_kept(specification)] * count]
            if not Room(host).has_place_for(wanted):
                raise JobFailedError(_NO_ROOM)

    def _on(self, host: Endpoint) -> list[Component]:
        name = host.record["EndpointName"]
        return [each for each in list(self._live.values()) if each.record["EndpointName"] == name]

    def _settle_instances(self, component: Component) -> None:
        host = self._endpoints.live(component.record["EndpointName"])
        if host is not None:
            Room(host).settle(_kept(self._on(host)))

    def _set_status(self, component: Component, status: str) -> None:
        component.record["InferenceComponentStatus"] = status
        component.record["LastModifiedTime"] = now()


def _kept(components: list[Component], but: Component | None = None) -> list[Space]:
    """What is kept for each copy that runs."""
    return [space for each in components if each is not but for space in [each.each] * each.count]


def _refuse_large_steps(deployment: Members, count: int) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html.

    Half of a single copy is that copy; what AWS says then is not known.
    """
    size = deployment.get("RollingUpdatePolicy", {}).get("MaximumBatchSize")
    if not size:
        return
    of_percent = size["Type"] == "CAPACITY_PERCENT"
    least, most = (5, 50) if of_percent else (1, max(count // 2, 1))
    if not least <= size["Value"] <= most:
        raise ValidationError("MaximumBatchSize must be between 5% and 50% of the copy count.")
