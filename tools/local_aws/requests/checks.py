"""What every request must pass, of whatever service, after IAM has allowed it and before anything is done."""

from typing import Any

from tools.local_aws.requests.looser import is_taken
from tools.local_aws.requests.wire import Request, read
from tools.local_aws.requests.words import refusal
from tools.local_aws.shapes.constraints import Walk


def check(response: Any) -> None:
    """Raises `ApiError` for a request that its service would refuse by its model."""
    request = read(response)
    if request is None or request.shape is None:
        return
    if broken := breaks(request):
        raise refusal(request, broken)


def breaks(request: Request) -> list[str]:
    """Every constraint of botocore's model that the request breaks, and that the service enforces."""
    found = Walk().broken(request.members, request.shape)
    return [mistake for mistake in found if not is_taken(request, mistake)]
