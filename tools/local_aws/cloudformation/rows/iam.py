"""IAM: roles, inline policies, managed policies and OpenID Connect providers."""

from collections.abc import Iterator
from typing import Any

from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import put, reads_back
from tools.local_aws.cloudformation.row import Name, Row, Setting, Tagging, Work

_HOLDERS = {"Roles": "Role", "Users": "User", "Groups": "Group"}


def _attach(work: Work) -> None:
    wanted = work.properties.get("ManagedPolicyArns", [])
    for arn in set(work.previous.get("ManagedPolicyArns", [])) - set(wanted):
        work.call("DetachRolePolicy", {"PolicyArn": arn})
    for arn in wanted:
        work.call("AttachRolePolicy", {"PolicyArn": arn})


def _embed(work: Work) -> None:
    wanted = {policy["PolicyName"]: policy for policy in work.properties.get("Policies", [])}
    for name in {policy["PolicyName"] for policy in work.previous.get("Policies", [])} - set(wanted):
        work.call("DeleteRolePolicy", {"PolicyName": name})
    for policy in wanted.values():
        work.call("PutRolePolicy", policy)


def _strip(work: Work) -> None:
    """A role with policies cannot be deleted; only those that the template gave it are taken away."""
    for arn in work.properties.get("ManagedPolicyArns", []):
        work.call("DetachRolePolicy", {"PolicyArn": arn})
    for policy in work.properties.get("Policies", []):
        work.call("DeleteRolePolicy", {"PolicyName": policy["PolicyName"]})


def _describe_role(work: Work) -> None:
    names = ("Description", "MaxSessionDuration")
    work.call("UpdateRole", {name: work.properties[name] for name in names if name in work.properties})


def _holders(properties: Any) -> Iterator[tuple[str, str]]:
    for name, kind in _HOLDERS.items():
        for holder in properties.get(name, []):
            yield kind, holder


def _put_inline(work: Work) -> None:
    _take_inline_from(work, keep=set(_holders(work.properties)))
    iam = work.clients("iam")
    for kind, holder in _holders(work.properties):
        getattr(iam, f"put_{kind.lower()}_policy")(
            **{f"{kind}Name": holder},
            PolicyName=work.properties["PolicyName"],
            PolicyDocument=as_text(work.properties["PolicyDocument"]),
        )


def _take_inline_from(work: Work, keep: set[tuple[str, str]]) -> None:
    renamed = work.previous.get("PolicyName") != work.properties["PolicyName"]
    for kind, holder in _holders(work.previous):
        if renamed or (kind, holder) not in keep:
            _delete_inline(work, kind, holder, work.previous["PolicyName"])


def _delete_inline(work: Work, kind: str, holder: str, name: str) -> None:
    getattr(work.clients("iam"), f"delete_{kind.lower()}_policy")(**{f"{kind}Name": holder}, PolicyName=name)


def _delete_inline_everywhere(work: Work) -> None:
    for kind, holder in _holders(work.properties):
        _delete_inline(work, kind, holder, work.properties["PolicyName"])


def _attach_to_holders(work: Work) -> None:
    before, after = set(_holders(work.previous)), set(_holders(work.properties))
    for kind, holder in before - after:
        work.call(f"Detach{kind}Policy", {f"{kind}Name": holder})
    for kind, holder in after - before:
        work.call(f"Attach{kind}Policy", {f"{kind}Name": holder})


def _replace_version(work: Work) -> None:
    """A policy keeps five versions at most; the ones that are not in force are not needed."""
    _delete_old_versions(work)
    document = work.properties["PolicyDocument"]
    work.call("CreatePolicyVersion", {"PolicyDocument": document, "SetAsDefault": True})


def _delete_old_versions(work: Work) -> None:
    for version in work.call("ListPolicyVersions")["Versions"]:
        if not version["IsDefaultVersion"]:
            work.call("DeletePolicyVersion", {"VersionId": version["VersionId"]})


def _release(work: Work) -> None:
    for kind, holder in _holders(work.properties):
        work.call(f"Detach{kind}Policy", {f"{kind}Name": holder})
    _delete_old_versions(work)


def _change_clients(work: Work) -> None:
    old, new = work.previous.get("ClientIdList", []), work.properties.get("ClientIdList", [])
    for client in [client for client in new if client not in old]:
        work.call("AddClientIDToOpenIDConnectProvider", {"ClientID": client})
    for client in [client for client in old if client not in new]:
        work.call("RemoveClientIDFromOpenIDConnectProvider", {"ClientID": client})


ROWS = (
    Row(
        type_name="AWS::IAM::Role",
        service="iam",
        create="CreateRole",
        delete="DeleteRole",
        reference="{RoleName}",
        identity={"RoleName": "{RoleName}"},
        name=Name("RoleName", 64),
        learns={"Arn": "Role.Arn", "RoleId": "Role.RoleId"},
        settings=(
            Setting(("ManagedPolicyArns",), _attach, _attach),
            Setting(("Policies",), _embed, _embed),
            put(
                "AssumeRolePolicyDocument",
                "UpdateAssumeRolePolicy",
                member="PolicyDocument",
                created_with=True,
            ),
            put(
                "PermissionsBoundary",
                "PutRolePermissionsBoundary",
                remove="DeleteRolePermissionsBoundary",
                created_with=True,
            ),
            Setting(("Description", "MaxSessionDuration"), _describe_role, created_with=True),
        ),
        tagging=Tagging("TagRole", "UntagRole"),
        before_delete=_strip,
        checks=(
            reads_back(
                "GetRole",
                {
                    "AssumeRolePolicyDocument": "Role.AssumeRolePolicyDocument",
                    "PermissionsBoundary": "Role.PermissionsBoundary.PermissionsBoundaryArn",
                },
            ),
        ),
    ),
    Row(
        type_name="AWS::IAM::Policy",
        service="iam",
        create=None,
        reference="{PolicyName}",
        settings=(Setting(("PolicyDocument", "PolicyName", *_HOLDERS), _put_inline),),
        before_delete=_delete_inline_everywhere,
    ),
    Row(
        type_name="AWS::IAM::ManagedPolicy",
        service="iam",
        create="CreatePolicy",
        delete="DeletePolicy",
        reference="{PolicyArn}",
        identity={"PolicyArn": "{PolicyArn}"},
        name=Name("ManagedPolicyName", 128),
        renamed={"ManagedPolicyName": "PolicyName"},
        learns={"PolicyArn": "Policy.Arn", "PolicyId": "Policy.PolicyId"},
        settings=(
            Setting(tuple(_HOLDERS), _attach_to_holders, _attach_to_holders),
            Setting(("PolicyDocument",), _replace_version, created_with=True),
        ),
        before_delete=_release,
    ),
    Row(
        type_name="AWS::IAM::OIDCProvider",
        service="iam",
        create="CreateOpenIDConnectProvider",
        delete="DeleteOpenIDConnectProvider",
        reference="{Arn}",
        identity={"OpenIDConnectProviderArn": "{Arn}"},
        learns={"Arn": "OpenIDConnectProviderArn"},
        settings=(
            Setting(("ClientIdList",), _change_clients, _change_clients, created_with=True),
            put("ThumbprintList", "UpdateOpenIDConnectProviderThumbprint", created_with=True),
        ),
        tagging=Tagging("TagOpenIDConnectProvider", "UntagOpenIDConnectProvider"),
        checks=(reads_back("GetOpenIDConnectProvider", {"ClientIdList": "ClientIDList"}),),
    ),
)
