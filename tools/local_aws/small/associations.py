"""State Manager of Systems Manager: associations with runbooks of AWS, which really run.

An association runs when it is made, when it is changed, and when `StartAssociationsOnce` says so; schedules
are kept but do not come round by themselves. One runbook is known, every other one is refused by name.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult, EmptyResult

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

SERVICE_PRINCIPAL = "ssm.amazonaws.com"
ROLE, GROUP = "AutomationAssumeRole", "GroupId"
REMOVE_DEFAULT_GROUP_RULES = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"
_TAGGABLE = "Association"
_NOT_SHOWN = ("Tags",)

log = logging.getLogger(__name__)
Members = Mapping[str, Any]


@dataclass
class _Association:
    """One association, as it was asked for last, and how its last run ended."""

    identifier: str
    request: dict[str, Any]
    status: str = "Pending"
    version: int = 1
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def described(self) -> dict[str, Any]:
        """The association as DescribeAssociation shows it."""
        shown = {name: value for name, value in self.request.items() if name not in _NOT_SHOWN}
        return {
            **shown,
            "AssociationId": self.identifier,
            "AssociationVersion": str(self.version),
            "Date": self.created_at,
            "Overview": {"Status": self.status, "DetailedStatus": self.status},
        }


def _served(operation: Callable[[Members], Members | None]) -> Callable[[Any], Any]:
    def answer(response: Any) -> Any:
        result = operation(json.loads(response.body))
        return EmptyResult() if result is None else ActionResult(result)

    return answer


class Associations:
    """The associations of the account."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_id: dict[str, _Association] = {}
        self._runbooks = {REMOVE_DEFAULT_GROUP_RULES: (self._remove_default_group_rules, (ROLE, GROUP))}

    @property
    def operations(self) -> dict[str, Callable[[Any], Any]]:
        """What moto's class of responses lacks, by the name of the method."""
        operations = {
            "create_association": self._create,
            "describe_association": self._describe,
            "update_association": self._update,
            "delete_association": self._delete,
            "start_associations_once": self._start_once,
        }
        return {name: _served(operation) for name, operation in operations.items()}

    def _create(self, request: Members) -> Members:
        self._check(request)
        association = _Association(str(uuid.uuid4()), dict(request))
        self._by_id[association.identifier] = association
        self._run(association)
        return {"AssociationDescription": association.described()}

    def _describe(self, request: Members) -> Members:
        """DescribeAssociation, by its id only."""
        return {"AssociationDescription": self._find(request).described()}

    def _update(self, request: Members) -> Members:
        """UpdateAssociation: what is left out is taken away, as on AWS, except the name of the runbook."""
        association = self._find(request)
        given = {name: value for name, value in request.items() if name != "AssociationId"}
        changed = {"Name": association.request["Name"], **given}
        self._check(changed)
        association.request = changed
        association.version += 1
        self._run(association)
        return {"AssociationDescription": association.described()}

    def _delete(self, request: Members) -> None:
        """DeleteAssociation, by its id only."""
        del self._by_id[self._find(request).identifier]

    def _start_once(self, request: Members) -> None:
        for identifier in request["AssociationIds"]:
            self._run(self._find({"AssociationId": identifier}))

    def knowing_their_tags(self, known: Callable[..., str]) -> Callable[..., str]:
        """Lets associations be tagged like what moto knows."""

        def validate(backend: Any, resource_type: str, resource_id: str) -> str:
            if resource_type != _TAGGABLE:
                return known(backend, resource_type, resource_id)
            return self._find({"AssociationId": resource_id}).identifier

        return validate

    def _find(self, request: Members) -> _Association:
        association = self._by_id.get(request.get("AssociationId", ""))
        if association is None:
            raise ApiError("AssociationDoesNotExist", f"There is no association {dict(request)}.")
        return association

    def _check(self, request: Members) -> None:
        name = request["Name"]
        if name not in self._runbooks:
            raise ApiError(
                "InvalidDocument",
                f"The embedded AWS has no document {name}; it has {', '.join(self._runbooks)}. "
                "Add it to tools/local_aws/small/associations.py.",
            )
        needed, given = set(self._runbooks[name][1]), set(request.get("Parameters") or {})
        if needed != given:
            raise ApiError(
                "InvalidParameters", f"{name} takes the parameters {sorted(needed)}, not {sorted(given)}."
            )

    def _run(self, association: _Association) -> None:
        parameters = {name: values[0] for name, values in association.request["Parameters"].items()}
        try:
            self._runbooks[association.request["Name"]][0](parameters)
        except ClientError as error:
            log.warning("Association %s: %s", association.identifier, error)
            association.status = "Failed"
        else:
            association.status = "Success"

    def _remove_default_group_rules(self, parameters: Mapping[str, str]) -> None:
        ec2 = self._context.client("ec2", self._credentials(parameters[ROLE]))
        group = ec2.describe_security_groups(GroupIds=[parameters[GROUP]])["SecurityGroups"][0]
        if group["GroupName"] != "default":
            raise ApiError("InvalidParameters", f"{parameters[GROUP]} is not a default security group.")
        for rules, revoke in (
            (group["IpPermissions"], ec2.revoke_security_group_ingress),
            (group["IpPermissionsEgress"], ec2.revoke_security_group_egress),
        ):
            if rules:
                revoke(GroupId=parameters[GROUP], IpPermissions=rules)

    def _credentials(self, role_arn: str) -> Credentials:
        sts = self._context.of(role_arn).client("sts", service_credentials(SERVICE_PRINCIPAL))
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="state-manager")
        return Credentials.from_sts(answer["Credentials"])
