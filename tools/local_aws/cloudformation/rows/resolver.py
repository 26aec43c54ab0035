"""Route 53 Resolver: DNS Firewall and query logs."""

import secrets
import uuid
from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Read, Row, Setting, Tagging, Work


def _arguments(work: Work) -> dict[str, Any]:
    """What is created has a token, and a name where the template gives none; two may have the same."""
    if work.phase != "create":
        return work.properties
    made_up = f"{work.stack_name[-24:]}-{work.logical_id[-24:]}-{secrets.token_hex(6)}"
    return {"Name": made_up, **work.properties, "CreatorRequestId": str(uuid.uuid4())}


def _replace_domains(work: Work) -> None:
    work.call("UpdateFirewallDomains", {"Operation": "REPLACE", "Domains": work.properties["Domains"]})


def _replace_rules(work: Work) -> None:
    for rule in work.call("ListFirewallRules")["FirewallRules"]:
        work.call("DeleteFirewallRule", {"FirewallDomainListId": rule["FirewallDomainListId"]})
    declared = [] if work.phase == "delete" else work.properties.get("FirewallRules", [])
    for number, rule in enumerate(declared):
        made_up = {"CreatorRequestId": str(uuid.uuid4()), "Name": f"{work.logical_id}-{number}"}
        work.call("CreateFirewallRule", {**made_up, **rule})


def _row(kind: str, **more: Any) -> Row:
    """A resource with an id that Route 53 Resolver makes up."""
    api = kind.replace("Logging", "Log")
    made, ended, noun = "Create", "Delete", api
    if api.endswith("Association"):
        made, ended, noun = "Associate", "Disassociate", api.removesuffix("Association")
    return Row(
        type_name=f"AWS::Route53Resolver::{kind}",
        service="route53resolver",
        create=f"{made}{noun}",
        delete=f"{ended}{noun}",
        reference="{Id}",
        read=Read(f"Get{api}", found=api),
        identity={f"{api}Id": "{Id}", **more.pop("identity", {"ResourceArn": "{Arn}"})},
        learns={"Id": f"{api}.Id", "Arn": f"{api}.Arn"},
        **more,
    )


_NAMED: dict[str, Any] = {
    "arguments": _arguments,
    "tagging": Tagging("TagResource", "UntagResource"),
    "attributes": {"Id": "{Id}", "Arn": "{Arn}"},
}

ROWS = (
    _row(
        "FirewallDomainList",
        settings=(Setting(("Domains",), _replace_domains),),
        **_NAMED,
    ),
    _row(
        "FirewallRuleGroup",
        settings=(Setting(("FirewallRules",), _replace_rules, _replace_rules),),
        before_delete=_replace_rules,
        checks=(reads_back("ListFirewallRules", {"FirewallRules": "FirewallRules"}),),
        **_NAMED,
    ),
    _row("FirewallRuleGroupAssociation", update="UpdateFirewallRuleGroupAssociation", **_NAMED),
    _row("ResolverQueryLoggingConfig", **_NAMED),
    _row(
        "ResolverQueryLoggingConfigAssociation",
        identity={"ResolverQueryLogConfigId": "{ResolverQueryLogConfigId}", "ResourceId": "{ResourceId}"},
        attributes={"Id": "{Id}"},
    ),
)
