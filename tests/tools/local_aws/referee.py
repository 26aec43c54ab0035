"""botocore as a referee: what tests ask of the embedded AWS and are answered fits the services' models.

A request that is accepted keeps every constraint of its shape, patterns, minima and maxima among them, which
boto3 does not check. An answer has the required members, types and enumerations of its shape. Where a service
speaks JSON the answer is looked at as it was sent, with the members that boto3 leaves out and its moments.
"""

import json
from collections.abc import Iterator
from typing import Any

from tools.local_aws.shapes.constraints import Walk

_REQUEST = "the request that the referee looks at"
AS_ON_AWS = {
    ("cloudformation:DescribeStackEvents", "'REVIEW_IN_PROGRESS'"): (
        "AWS has this event of a stack that a change set begins; the enumeration of resources lacks it"
    ),
    ("cloudformation:DescribeStackEvents", "_CLEANUP_IN_PROGRESS'"): (
        "AWS has these events of a stack; the enumeration of resources lacks them"
    ),
    ("ec2:CreateVpcEndpoint", "'available'"): "AWS answers in lower case, the enumeration says Available",
    ("ec2:DescribeVpcEndpoints", "'available'"): "AWS answers in lower case, the enumeration says Available",
    ("sagemaker:DescribeFeatureGroup", "'nextToken'"): "AWS leaves the required member out",
    ("sagemaker:DescribeModelPackage", "'modelPackageName'"): "a version of a group has no name of its own",
    ("sagemaker:DescribeTrainingJob", "'modelArtifacts'"): "there are none before a job has ended well",
}
"""Mistakes by botocore's model that AWS makes too: the call, a part of the mistake, and the reason."""


class BrokenModelError(AssertionError):
    """A call that AWS would not have taken, or an answer that it would not have given."""


def watch(client: Any) -> None:
    """Lets every call of the client fail that breaks the service's model."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parameter-build.{service}", _remember)
    # Before botocore decodes policies and templates in answers.
    client.meta.events.register_first(f"after-call.{service}", _judge)


def _remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_REQUEST] = params


def _judge(http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if http_response.status_code >= 300:
        return
    call = f"{model.service_model.service_name}:{model.name}"
    mistakes = [*_of_request(model, context[_REQUEST]), *_of_answer(model, http_response, parsed)]
    if wrong := [mistake for mistake in mistakes if not _is_as_on_aws(call, mistake)]:
        raise BrokenModelError(f"{call}: {'; '.join(wrong)}")


def _of_request(model: Any, request: dict[str, Any]) -> Iterator[str]:
    if model.input_shape is not None:
        yield from (f"request: {mistake}" for mistake in Walk().broken(request, model.input_shape))


def _of_answer(model: Any, http_response: Any, parsed: dict[str, Any]) -> Iterator[str]:
    if model.output_shape is None:
        return
    as_sent = model.service_model.resolved_protocol == "json"
    if as_sent:
        answer = json.loads(http_response.content or b"{}")
    else:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    walk = Walk(limits=False, as_sent=as_sent)
    yield from (f"answer: {mistake}" for mistake in walk.broken(answer, model.output_shape))


def _is_as_on_aws(call: str, mistake: str) -> bool:
    return any(call == known and part in mistake for known, part in AS_ON_AWS)
