"""Everything of one environment that has a say in who may do what, as the evaluator and the cases see it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_args

from config.models.options import Persona
from config.settings import Environment, ExistingNetwork, Settings, UseCase
from stacks.parts.images import image_repository_arns
from stacks.parts.place import qualifier
from tests.security.iam.names import Json, Names, kebab, short_id
from tests.stacks.cloud import Cloud, Resource
from tools.bootstrap.managed_policies import BOUNDARY, EXECUTION, Place
from tools.local_aws.iam.engine.model import Policy, PolicyKind
from tools.local_aws.iam.engine.parser import parse_policy

_RESOURCE_POLICIES = {
    # Type of the policy: the property that names what it is about, and the kind of that.
    "AWS::S3::BucketPolicy": ("Bucket", "AWS::S3::Bucket"),
    "AWS::SNS::TopicPolicy": ("Topics", "AWS::SNS::Topic"),
    "AWS::SQS::QueuePolicy": ("Queues", "AWS::SQS::Queue"),
}
_POLICIES_OF_THEIR_OWN = {
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::Events::EventBus": "Policy",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupPolicy",
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""The policy of somebody who may do everything: what still is refused, a deny or another policy refuses."""
_FACT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Document:
    """A policy as it is deployed. `name` is the resource that holds it, without its environment."""

    name: str
    kind: PolicyKind
    body: Json

    @cached_property
    def parsed(self) -> Policy:
        """The policy as the evaluator reads it."""
        return parse_policy(self.body, self.name, self.kind)


@dataclass(frozen=True)
class Role:
    """A role with all that decides about it."""

    name: str
    arn: str
    trust: Document
    identity: tuple[Document, ...]
    boundary: Document | None


class MissingFactError(Exception):
    """A case names something that the environment does not have."""


@dataclass(frozen=True)
class Estate:
    """One environment."""

    environment: str
    account: str
    region: str
    roles: Mapping[str, Role]
    resource_policies: Mapping[str, Document]
    standalone: Mapping[str, Document]
    facts: Mapping[str, str] = field(repr=False)

    def fill(self, text: str) -> str:
        """The text with `{key}`, `{data}`, `{role:monitor}`, `{env}` … filled in."""

        def value(found: re.Match[str]) -> str:
            if found[1] not in self.facts:
                raise MissingFactError(
                    f"{self.environment} has nothing called {found[1]}, which {text} names"
                )
            return self.facts[found[1]]

        return _FACT.sub(value, text)

    @property
    def documents(self) -> list[Document]:
        """Every policy of the environment, once."""
        found = {}
        for role in self.roles.values():
            for document in (role.trust, *role.identity, role.boundary):
                if document is not None:
                    found[document.name] = document
        found |= {document.name: document for document in self.resource_policies.values()}
        return [document for document in found.values() if not document.name.startswith("made up")]


def read_estate(cloud: Cloud, settings: Settings, environment: str) -> Estate:
    """All roles and policies in the templates of one environment, and what it is configured with."""
    (configured,) = (each for each in settings.environments if each.name == environment)
    return _Reader(cloud, configured, settings.use_cases, _neighbours(settings, configured)).estate()


def _neighbours(settings: Settings, configured: Environment) -> dict[str, str]:
    """Whom the environment follows, and who follows it, from another account or from beside it."""
    trainer, followers = settings.trainer_of(configured), settings.followers_of(configured)
    kinds = {
        "trainer": [trainer] if trainer else [],
        "follower": [each for each in followers if each.account != configured.account],
        "follower-beside": [each for each in followers if each.account == configured.account],
    }
    firsts = {kind: found[0] for kind, found in kinds.items() if found}
    return {
        **({} if trainer else {"trains": configured.name}),
        **({} if followers else {"unfollowed": configured.name}),
        **{kind: first.prefix for kind, first in firsts.items()},
        **{f"{kind}-account": first.account for kind, first in firsts.items()},
    }


def made_up_policy(name: str, principal: Json, action: str) -> Document:
    """The policy of a resource that no template has."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    body = {"Version": "2012-10-17", "Statement": [statement]}
    return Document(f"made up: {name}", PolicyKind.RESOURCE, body)


def _configured_facts(environment: Environment, use_cases: Mapping[str, UseCase]) -> dict[str, str]:
    """What the table names that is chosen in the configuration; of several use cases the first."""
    facts = {f"instance-type:{name}": name for name in environment.allowed_instance_types}
    facts["instance-type"] = environment.allowed_instance_types[0]
    network = environment.network
    if isinstance(network, ExistingNetwork):
        facts["subnet"], facts["subnet2"] = network.subnet_ids[:2]
        facts["security-group"] = network.security_group_ids[0]
    if environment.delivery:
        facts["repository"] = environment.delivery.github_repository
        facts["github-environment"] = environment.delivery.github_environment or environment.name
    if environment.replication_region:
        facts["replication-region"] = environment.replication_region
    people = environment.studio.people if environment.studio else {}
    for persona in get_args(Persona):
        named = [name for name, person in people.items() if person.persona == persona]
        facts |= {f"person:{persona}": named[0]} if named else {f"nobody:{persona}": "anybody"}
    for name in reversed(environment.use_cases):
        facts |= {"use-case": name, "use_case": name.replace("-", "_")}
        retraining = environment.use_cases[name].retraining
        facts["by-rule" if retraining and retraining.approve_when_better_by else "by-people"] = name
        facts["watched-batches" if environment.watches_batches else "unwatched-batches"] = name
        source = use_cases[name].source
        raw = f"raw/{name}"
        if source and source.bucket and not source.schedule:
            facts |= {"source-bucket": source.bucket.name, "source-prefix": source.bucket.prefix}
            facts |= {"source-key": source.bucket.key_arn} if source.bucket.key_arn else {}
        if source and source.dynamodb:
            facts |= {"source-table": source.dynamodb.table, "exported": raw}
        if source and source.jdbc:
            facts |= {"source-secret": source.jdbc.secret, "written": raw}
        if source and source.bucket and source.schedule:
            facts |= {"marked-bucket": source.bucket.name, "marked-prefix": source.bucket.prefix}
            facts |= {"marked-key": source.bucket.key_arn or "", "written": raw, "copied": raw}
    return facts


def bootstrap_place(cloud: Cloud, environment: str) -> Place:
    """What `make bootstrap` knows of an environment."""
    templates = [template for template in cloud.templates if template.environment == environment]
    first = next(template for template in templates if template.short_name == "foundation")
    regions = {template.region for template in templates}
    return Place(first.prefix, first.account, sorted(regions), qualifier(first.prefix))


class _Reader:
    def __init__(
        self,
        cloud: Cloud,
        configured: Environment,
        use_cases: Mapping[str, UseCase],
        neighbours: dict[str, str],
    ) -> None:
        self.environment = configured.name
        self.configured = _configured_facts(configured, use_cases) | neighbours
        self.names = Names(cloud, self.environment)
        self.resources = [
            resource for resource in cloud.resources if resource.template.environment == self.environment
        ]
        (foundation,) = (t for t in self.names.templates if t.short_name == "foundation")
        self.account, self.region, self.prefix = foundation.account, foundation.region, foundation.prefix
        self.managed = {
            self.names.arn(resource): self._document(resource, "PolicyDocument", PolicyKind.IDENTITY)
            for resource in self.resources
            if resource.type == "AWS::IAM::ManagedPolicy"
        }
        self.bootstrap = bootstrap_place(cloud, self.environment)
        self.managed |= {
            self.bootstrap.arn(name): self._bootstrapped(name) for name in (BOUNDARY, *EXECUTION)
        }

    def _bootstrapped(self, name: str) -> Document:
        body = json.loads(self.bootstrap.document(name))
        return Document(f"bootstrap/{name}", PolicyKind.IDENTITY, body)

    def estate(self) -> Estate:
        roles = {role.name: role for role in self._roles()}
        return Estate(
            environment=self.environment,
            account=self.account,
            region=self.region,
            roles=roles,
            resource_policies=dict(self._resource_policies()),
            standalone={document.name: document for document in self.managed.values()},
            facts=self._facts(roles),
        )

    def _roles(self) -> Iterator[Role]:
        for resource in self.resources:
            if resource.type == "AWS::IAM::Role":
                yield Role(
                    name=self._role_name(resource),
                    arn=self.names.arn(resource),
                    trust=self._document(resource, "AssumeRolePolicyDocument", PolicyKind.TRUST),
                    identity=tuple(self._identity(resource)),
                    boundary=self._boundary(resource),
                )

    def _role_name(self, role: Resource) -> str:
        name = f"-{kebab(short_id(role))}".removesuffix("-role").removeprefix("-") or role.template.short_name
        alike = [r for r in self.resources if r.type == role.type and short_id(r) == short_id(role)]
        return name if len(alike) == 1 else f"{role.template.short_name}/{name}"

    def _identity(self, role: Resource) -> Iterator[Document]:
        for inline in role.get("Policies") or []:
            name = f"{self._label(role)}/{inline['PolicyName']}"
            body = self.names.resolve(role.template, inline["PolicyDocument"])
            yield Document(name, PolicyKind.IDENTITY, body)
        for arn in self.names.resolve(role.template, role.get("ManagedPolicyArns") or []):
            yield self.managed[arn]
        for policy in self.resources:
            if policy.type in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
                attached = self.names.resolve(policy.template, policy.get("Roles") or [])
                if self.names.name(role) in attached:
                    yield self._document(policy, "PolicyDocument", PolicyKind.IDENTITY)

    def _boundary(self, role: Resource) -> Document | None:
        arn = self.names.resolve(role.template, role.get("PermissionsBoundary"))
        if arn is None:
            return None
        return Document(self.managed[arn].name, PolicyKind.BOUNDARY, self.managed[arn].body)

    def _resource_policies(self) -> Iterator[tuple[str, Document]]:
        by_name = {(r.type, self.names.ref(r)): self.names.arn(r) for r in self.resources}
        for resource in self.resources:
            if resource.get(held := _POLICIES_OF_THEIR_OWN.get(resource.type, "")):
                document, arn = self._document(resource, held, PolicyKind.RESOURCE), self.names.arn(resource)
                yield arn, document
                # The policy of a group decides on the versions in it.
                yield f"{arn.replace(':model-package-group/', ':model-package/')}/1", document
            elif resource.type in _RESOURCE_POLICIES:
                target, kind = _RESOURCE_POLICIES[resource.type]
                named = self.names.resolve(resource.template, resource.get(target))
                for name in named if isinstance(named, list) else [named]:
                    document = self._document(resource, "PolicyDocument", PolicyKind.RESOURCE)
                    yield by_name[kind, name], document
        # A key beside ours whose policy leaves everything to the account's own policies.
        root = {"AWS": f"arn:aws:iam::{self.account}:root"}
        yield f"{self._arn('kms')}:key/elsewhere", made_up_policy("key", root, "kms:*")
        # The bootstrap's roles trust the account, ours and others'; so what is refused, the policy of whoever
        # asks refuses.
        places = (self.bootstrap.qualifier, self.region), (self.bootstrap.qualifier, "xx-elsewhere-1")
        for name in ("deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec"):
            for bootstrap, region in (*places, ("hnb659fds", self.region)):
                role = f"cdk-{bootstrap}-{name}-role-{self.account}-{region}"
                arn = f"arn:aws:iam::{self.account}:role/{role}"
                yield arn, made_up_policy("bootstrap", root, "sts:AssumeRole")
        # AWS lets every account pull its images; so what is refused, our own policies refuse.
        for image in image_repository_arns(self.region):
            yield image, made_up_policy("registry", {"AWS": "*"}, "ecr:*")
            yield f"{image}-elsewhere", made_up_policy("registry", {"AWS": "*"}, "ecr:*")

    def _document(self, resource: Resource, key: str, kind: PolicyKind) -> Document:
        body: Any = self.names.resolve(resource.template, resource.get(key))
        return Document(self._label(resource), kind, body)

    def _label(self, resource: Resource) -> str:
        return f"{resource.template.short_name}/{short_id(resource)}"

    def _arn(self, service: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}"

    def _facts(self, roles: Mapping[str, Role]) -> dict[str, str]:
        facts = {
            "env": self.prefix,
            "database": self.prefix.replace("-", "_"),
            "account": self.account,
            "region": self.region,
        }
        services = (
            *("sagemaker", "logs", "glue", "athena", "cloudformation", "codebuild", "ecr", "kms", "events"),
            "states",
        )
        facts |= {service: self._arn(service) for service in services}
        for resource in self.resources:
            for prefix in ("", f"{resource.template.short_name}/"):
                name = prefix + short_id(resource)
                facts.setdefault(name, self.names.arn(resource))
                facts.setdefault(f"{name}.ref", self.names.ref(resource))
        facts |= {f"role:{name}": role.arn for name, role in roles.items()}
        shorter = {
            "data": "Data",
            "artifacts": "Artifacts",
            "capture": "Capture",
            "logs-bucket": "AccessLogs",
        }
        facts |= {name: facts[f"foundation/{known}"] for name, known in shorter.items()}
        facts["key"] = facts["foundation/Key"]
        images = image_repository_arns(self.region)
        facts["xgboost-image"], facts["monitor-image"], facts["spark-image"] = images
        for project in (r for r in self.resources if r.type == "AWS::CodeBuild::Project"):
            location = self.names.resolve(project.template, project.get("Source", "Location"))
            facts["own-image-context"] = f"arn:aws:s3:::{location}"
        facts |= self._notebook()
        facts |= self.configured
        if "Vpc" in facts:
            facts["subnet"] = facts["VpcIsolatedSubnet1Subnet.ref"]
            facts["subnet2"] = facts["VpcIsolatedSubnet2Subnet.ref"]
            facts["security-group"] = facts["Jobs.ref"]
            group = f"{facts['Vpc.ref']}-default-security-group"
            facts["default-security-group"] = f"{self._arn('ec2')}:security-group/{group}"
        if "use-case" in facts:
            facts["decision"] = facts[f"Decision{facts['use-case'].replace('-', '')}"]
        facts["qualifier"] = self.bootstrap.qualifier
        # AWS has room for six characters: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
        facts["tuning"] = self.bootstrap.qualifier[:6]
        facts["assets"] = f"arn:aws:s3:::cdk-{self.bootstrap.qualifier}-assets-{self.account}-{self.region}"
        return facts

    def _notebook(self) -> dict[str, str]:
        """What the start script of spaces copies, as an ARN."""
        scripts = [r for r in self.resources if r.type == "AWS::SageMaker::StudioLifecycleConfig"]
        contents = [
            self.names.resolve(script.template, script.get("StudioLifecycleConfigContent"))
            for script in scripts
        ]
        found = {name for content in contents for name in re.findall(r"s3://(\S+)", content)}
        if not found:
            return {}
        (name,) = found
        return {"notebook": f"arn:aws:s3:::{name}"}
