"""IAM: calls are decided by the policies before moto carries them out, and identity providers can change."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.access_control import PermissionResult
from moto.iam.responses import IamResponse
from moto.s3.models import FakeBucket
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse

from tools.local_aws.context import Context
from tools.local_aws.iam.enforcement import (
    authorizer,
    caller_identity,
    of_existing_roles,
    parameters_of,
    s3_authorizer,
)
from tools.local_aws.iam.simulation import simulate


def install(context: Context) -> None:
    ActionAuthenticatorMixin._authenticate_and_authorize_normal_action = authorizer(context)
    ActionAuthenticatorMixin._authenticate_and_authorize_s3_action = s3_authorizer(context)
    # S3 asks the bucket once more afterwards; that answer knows neither principals nor conditions.
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
    STSBackend.get_assumed_role_from_access_key = _session
    TokenResponse.assume_role = of_existing_roles(TokenResponse.assume_role)
    TokenResponse.get_caller_identity = caller_identity(TokenResponse.get_caller_identity)
    IamResponse.simulate_principal_policy = lambda response: ActionResult(
        simulate(parameters_of(response), response.current_account)
    )
    IamResponse.add_client_id_to_open_id_connect_provider = _changing_clients(_with)
    IamResponse.remove_client_id_from_open_id_connect_provider = _changing_clients(_without)


def _session(sts: STSBackend, access_key_id: str) -> AssumedRole | None:
    """The session of an access key; moto looks through all that there ever were, at every request."""
    known: dict[str, AssumedRole] = sts.__dict__.setdefault("sessions_by_key", {})
    for session in islice(sts.assumed_roles, len(known), None):
        known[session.access_key_id] = session
    return known.get(access_key_id)


def _changing_clients(change: Callable[[list[str], str], list[str]]) -> Callable[[Any], EmptyResult]:
    """Changes whom the tokens of an OpenID Connect provider may be for, which moto cannot."""

    def answer(response: Any) -> EmptyResult:
        arn = response._get_param("OpenIDConnectProviderArn")
        # Raises NoSuchEntity for an unknown one.
        response.backend.get_open_id_connect_provider(arn)
        provider = response.backend.open_id_providers[arn]
        provider.client_id_list = change(provider.client_id_list, response._get_param("ClientID"))
        return EmptyResult()

    return answer


def _with(clients: list[str], client: str) -> list[str]:
    return [*_without(clients, client), client]


def _without(clients: list[str], client: str) -> list[str]:
    return [known for known in clients if known != client]
