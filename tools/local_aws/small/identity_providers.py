"""What moto lacks of OpenID Connect providers: changing whom tokens may be for."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult
from moto.iam.responses import IamResponse

from tools.local_aws.context import Context


def install(_: Context) -> None:
    """Adds the operations."""
    IamResponse.add_client_id_to_open_id_connect_provider = _changing(_with)
    IamResponse.remove_client_id_from_open_id_connect_provider = _changing(_without)


def _changing(change: Callable[[list[str], str], list[str]]) -> Callable[[Any], EmptyResult]:
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
