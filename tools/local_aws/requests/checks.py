"""What every request must pass, of whatever service, after IAM has allowed it and before anything is done."""

from itertools import chain
from typing import Any

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.key_states import out_of_state
from tools.local_aws.requests.looser import is_taken
from tools.local_aws.requests.policies import unkeepable
from tools.local_aws.requests.reading import words_read
from tools.local_aws.requests.references import dangling
from tools.local_aws.requests.rules import broken_rules
from tools.local_aws.requests.silence import not_carried_out
from tools.local_aws.requests.standing import forbidden
from tools.local_aws.requests.wire import Request, read
from tools.local_aws.requests.words import code_of, refusal
from tools.local_aws.shapes.constraints import Walk


def check(response: Any) -> None:
    """Raises `ApiError` for what the service refuses by its model, and for what is not carried out."""
    request = read(response)
    if request is None or request.shape is None:
        return
    if broken := breaks(request):
        raise refusal(request, broken)
    account, region = response.current_account, response.region
    for refused in chain(
        broken_rules(request, account, region),
        unkeepable(request, account),
        dangling(request, account, region),
        out_of_state(request, account, region),
        forbidden(request, account, region),
    ):
        raise refused
    read_words = words_read(response.__class__, request.service, request.operation)
    if in_vain := not_carried_out(request, read_words):
        what = f"The embedded AWS does not carry out {', '.join(in_vain)}: leave it out of the call."
        raise ApiError(code_of(request.service), what)


def breaks(request: Request) -> list[str]:
    """Every constraint of botocore's model that the request breaks, and that the service enforces."""
    found = Walk().broken(request.members, request.shape)
    return [mistake for mistake in found if not is_taken(request, mistake)]
