"""DNS Firewall of Route 53 Resolver, and how its query logs end: kept and refused, never asked for a name.

Words and codes are LocalStack's (https://github.com/localstack/localstack, route53resolver) where no other
source is named; what that takes and the API reference rules out is refused in words of our own.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

Members = Mapping[str, Any]
Record = dict[str, Any]
LIST, GROUP, ASSOCIATION = "FirewallDomainList", "FirewallRuleGroup", "FirewallRuleGroupAssociation"
_IDS = {LIST: "fdl", GROUP: "frg", ASSOCIATION: "frgassoc"}
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateFirewallDomains.html
_DOMAIN = re.compile(r"\*?(?:[A-Za-z0-9-]*\.)*[A-Za-z0-9-]*")
_PRIORITIES = range(100, 9900)


def _invalid(words: str) -> ApiError:
    return ApiError("ValidationException", words)


def _served(operation: Callable[[Any, Members], Members]) -> Callable[[Any], str]:
    def answer(response: Any) -> str:
        return json.dumps(operation(response.route53resolver_backend, json.loads(response.body)))

    return answer


class DnsFirewall:
    """The domain lists, rule groups and associations of the account."""

    def __init__(self, context: Context) -> None:
        self._place = f"{context.region}:{context.account}"
        self._found: dict[str, dict[str, Record]] = {LIST: {}, GROUP: {}, ASSOCIATION: {}}
        self._domains: dict[str, list[str]] = {}
        self._rules: dict[str, list[Record]] = {}

    @property
    def operations(self) -> dict[str, Callable[[Any], str]]:
        """What moto's class of responses lacks, by the name of the method."""
        operations: dict[str, Callable[[Any, Members], Members]] = {
            "create_firewall_domain_list": lambda _, request: self._create(LIST, request, DomainCount=0),
            "get_firewall_domain_list": lambda _, request: self._get(LIST, request),
            "delete_firewall_domain_list": self._delete_list,
            "update_firewall_domains": self._update_domains,
            "list_firewall_domains": self._list_domains,
            "create_firewall_rule_group": lambda _, request: self._create(GROUP, request, RuleCount=0),
            "get_firewall_rule_group": lambda _, request: self._get(GROUP, request),
            "delete_firewall_rule_group": self._delete_group,
            "create_firewall_rule": self._create_rule,
            "delete_firewall_rule": self._delete_rule,
            "list_firewall_rules": self._list_rules,
            "associate_firewall_rule_group": self._associate,
            "get_firewall_rule_group_association": lambda _, request: self._get(ASSOCIATION, request),
            "update_firewall_rule_group_association": self._update_association,
            "disassociate_firewall_rule_group": self._disassociate,
            "delete_resolver_query_log_config": _delete_query_log,
            "disassociate_resolver_query_log_config": _disassociate_query_log,
        }
        return {name: _served(operation) for name, operation in operations.items()}

    def knowing_their_tags(self, known: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
        """Lets these, and query logs, be tagged like what moto knows."""

        def match(backend: Any, arn: str) -> None:
            logged = {config.arn for config in backend.resolver_query_log_configs.values()}
            if arn not in logged | {each["Arn"] for kind in self._found.values() for each in kind.values()}:
                known(backend, arn)

        return match

    def _find(self, kind: str, identifier: str) -> Record:
        if identifier not in self._found[kind]:
            words = f"[RSLVR-02025] Can't find the resource with ID '{identifier}'."
            raise ApiError("ResourceNotFoundException", words)
        return self._found[kind][identifier]

    def _get(self, kind: str, request: Members) -> Members:
        return {kind: self._find(kind, request[f"{kind}Id"])}

    def _create(self, kind: str, request: Members, **more: Any) -> Members:
        identifier = f"rslvr-{_IDS[kind]}-{secrets.token_hex(8)}"
        path = re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()
        now = datetime.now(UTC).isoformat()
        given = {name: value for name, value in request.items() if name != "Tags"}
        self._found[kind][identifier] = {
            **given,
            **more,
            "Id": identifier,
            "Arn": f"arn:aws:route53resolver:{self._place}:{path}/{identifier}",
            "Status": "COMPLETE",
            "CreationTime": now,
            "ModificationTime": now,
        }
        return {kind: self._found[kind][identifier]}

    def _delete(self, kind: str, request: Members) -> Members:
        found = self._find(kind, request[f"{kind}Id"])
        del self._found[kind][found["Id"]]
        return {kind: {**found, "Status": "DELETING"}}

    def _delete_list(self, _: Any, request: Members) -> Members:
        identifier = request["FirewallDomainListId"]
        if any(
            rule["FirewallDomainListId"] == identifier for rules in self._rules.values() for rule in rules
        ):
            words = f"The domain list {identifier} is used by a rule: delete the rule first."
            raise ApiError("ConflictException", words)
        return self._delete(LIST, request)

    def _update_domains(self, _: Any, request: Members) -> Members:
        found = self._find(LIST, request["FirewallDomainListId"])
        if request["Operation"] != "REPLACE":
            raise _invalid("The embedded AWS carries out REPLACE only.")
        for domain in request["Domains"]:
            if not _DOMAIN.fullmatch(domain):
                raise _invalid(f"{domain}: letters, digits, - and dots, and one * at the beginning.")
        self._domains[found["Id"]] = list(request["Domains"])
        found["DomainCount"] = len(request["Domains"])
        return {name: found[name] for name in ("Id", "Name", "Status")}

    def _list_domains(self, _: Any, request: Members) -> Members:
        return {"Domains": self._domains.get(self._find(LIST, request["FirewallDomainListId"])["Id"], [])}

    def _rules_of(self, request: Members) -> list[Record]:
        return self._rules.setdefault(self._find(GROUP, request["FirewallRuleGroupId"])["Id"], [])

    def _delete_group(self, _: Any, request: Members) -> Members:
        identifier = request["FirewallRuleGroupId"]
        # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-group-deleting.html
        if self._rules_of(request):
            raise _invalid(f"[RSLVR-02103] The rule group {identifier} has rules: delete them first.")
        if any(each["FirewallRuleGroupId"] == identifier for each in self._found[ASSOCIATION].values()):
            raise _invalid(f"The rule group {identifier} is associated with a VPC: disassociate it first.")
        return self._delete(GROUP, request)

    def _create_rule(self, _: Any, request: Members) -> Members:
        rules = self._rules_of(request)
        self._find(LIST, request["FirewallDomainListId"])
        if request["Action"] == "BLOCK" and "BlockResponse" not in request:
            raise _invalid("[RSLVR-02016] A rule that blocks says its BlockResponse.")
        for rule in rules:
            for member in ("FirewallDomainListId", "Priority"):
                if rule[member] == request[member]:
                    raise _invalid(f"Another rule of the group has the {member} {request[member]}.")
        rules.append({name: value for name, value in request.items() if name != "CreatorRequestId"})
        return {"FirewallRule": rules[-1]}

    def _delete_rule(self, _: Any, request: Members) -> Members:
        rules, wanted = self._rules_of(request), request["FirewallDomainListId"]
        for rule in rules:
            if rule["FirewallDomainListId"] == wanted:
                rules.remove(rule)
                return {"FirewallRule": rule}
        raise ApiError(
            "ResourceNotFoundException", f"[RSLVR-02025] Can't find the resource with ID '{wanted}'."
        )

    def _list_rules(self, _: Any, request: Members) -> Members:
        return {"FirewallRules": sorted(self._rules_of(request), key=lambda rule: int(rule["Priority"]))}

    def _associate(self, backend: Any, request: Members) -> Members:
        group, vpc = request["FirewallRuleGroupId"], request["VpcId"]
        self._find(GROUP, group)
        if vpc not in {each.id for each in backend.ec2_backend.describe_vpcs()}:
            raise ApiError(
                "ResourceNotFoundException", f"[RSLVR-02025] Can't find the resource with ID '{vpc}'."
            )
        for other in self._found[ASSOCIATION].values():
            if (other["VpcId"], other["FirewallRuleGroupId"]) == (vpc, group):
                raise _invalid(
                    f"[RSLVR-02302] This DNS Firewall rule group can't be associated to a VPC: '{vpc}'. It "
                    f"is already associated to VPC '{vpc}'. Try again with another VPC or DNS Firewall rule "
                    "group."
                )
        self._check_priority(request["Priority"], vpc)
        return self._create(ASSOCIATION, request)

    def _check_priority(self, priority: int, vpc: str, own: str = "") -> None:
        if priority not in _PRIORITIES:
            raise _invalid(
                "[RSLVR-02017] The priority value you provided is reserved. Provide a number between '100' "
                "and '9900'."
            )
        for other in self._found[ASSOCIATION].values():
            if (other["VpcId"], other["Priority"]) == (vpc, priority) and other["Id"] != own:
                raise _invalid(f"Another rule group of {vpc} has the priority {priority}.")

    def _update_association(self, _: Any, request: Members) -> Members:
        found = self._find(ASSOCIATION, request["FirewallRuleGroupAssociationId"])
        if "Priority" in request:
            self._check_priority(request["Priority"], found["VpcId"], found["Id"])
        for name in ("Name", "Priority", "MutationProtection"):
            found[name] = request.get(name, found.get(name))
        return {ASSOCIATION: {name: value for name, value in found.items() if value is not None}}

    def _disassociate(self, _: Any, request: Members) -> Members:
        found = self._find(ASSOCIATION, request["FirewallRuleGroupAssociationId"])
        # https://github.com/hashicorp/terraform-provider-aws/issues/21278
        if found.get("MutationProtection") == "ENABLED":
            raise _invalid(
                "[RSLVR-02307] The DNS Firewall rule group association is under mutation protection. Remove "
                "the mutation protection and try again."
            )
        return self._delete(ASSOCIATION, request)


def _delete_query_log(backend: Any, request: Members) -> Members:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_DeleteResolverQueryLogConfig.html."""
    config = backend.get_resolver_query_log_config(request["ResolverQueryLogConfigId"])
    if config.association_count:
        words = (
            f"The query logging configuration {config.id} is associated with a VPC: disassociate it first."
        )
        raise ApiError("InvalidRequestException", words)
    del backend.resolver_query_log_configs[config.id]
    return {"ResolverQueryLogConfig": config.description()}


def _disassociate_query_log(backend: Any, request: Members) -> Members:
    config = backend.get_resolver_query_log_config(request["ResolverQueryLogConfigId"])
    for found in [*backend.resolver_query_log_config_associations.values()]:
        if (found.resolver_query_log_config_id, found.resource_id) == (config.id, request["ResourceId"]):
            config.association_count -= 1
            del backend.resolver_query_log_config_associations[found.id]
            return {"ResolverQueryLogConfigAssociation": found.description()}
    raise ApiError(
        "ResourceNotFoundException", f"{request['ResourceId']} is not associated with {config.id}."
    )
