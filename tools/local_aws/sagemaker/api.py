"""Serves operations written as plain functions through moto's HTTP server."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from tools.local_aws.iam.enforcement import source_identity_of
from tools.local_aws.sagemaker.account import PERSON
from tools.local_aws.sagemaker.closed import refuse_new_customers
from tools.local_aws.sagemaker.errors import UnknownOperationError
from tools.local_aws.sagemaker.store import Members
from tools.local_aws.shapes.constraints import service_model

Operation = Callable[[Members], Members | None]


def response_class(operations: Mapping[str, Operation], *, new_customer: bool) -> type[BaseResponse]:
    """A moto response class that answers the SageMaker API with these operations and refuses all others.

    It replaces moto's own class instead of extending it: moto answers many operations with a success that
    nothing stands behind, and a rehearsal must not pass on those.
    """

    class SageMakerApi(BaseResponse):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(service_name="sagemaker")
            self.automated_parameter_parsing = True

    unknown = set(operations) - set(service_model("sagemaker").operation_names)
    if unknown:
        raise ValueError(f"SageMaker has no operation named {', '.join(sorted(unknown))}")
    for name in service_model("sagemaker").operation_names:
        setattr(
            SageMakerApi, camelcase_to_underscores(name), _method(name, operations.get(name), new_customer)
        )
    return SageMakerApi


def _method(name: str, operation: Operation | None, new_customer: bool) -> Callable[[Any], ActionResult]:
    def call(response: Any) -> ActionResult:
        if new_customer:
            refuse_new_customers(name)
        if operation is None:
            raise UnknownOperationError(
                f"The embedded AWS does not have sagemaker:{name}. Add it to tools/local_aws/sagemaker."
            )
        request = dict(response.params)
        caller = PERSON.set(source_identity_of(response))
        try:
            return ActionResult(operation(request))
        finally:
            PERSON.reset(caller)

    return call
