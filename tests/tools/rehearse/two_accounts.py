"""Two accounts in one embedded AWS: one trains, the other follows its registry and serves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from config.settings import Environment, Settings
from stacks.stage import build_app
from tools.bootstrap import cdk_bootstrap, managed_policies
from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.process import LocalAws
from tools.rehearse import acts
from tools.rehearse.assembly import Assembly, read_assemblies
from tools.rehearse.cdk_cli import CdkCli
from tools.rehearse.people import PERSONAS, Person, sign_in, stack_outputs
from tools.rehearse.pipeline import run_pipeline

REPOSITORY = Path(__file__).resolve().parents[3]
USE_CASE = "house-prices"


def following(sample: Settings) -> Settings:
    """The sample's two environments, small, where production serves what development trains."""
    dev, prod = (_small(each) for each in sample.environments)
    follower = prod.model_copy(
        update={
            "trained_in": "dev",
            "use_cases": {
                name: deployment.model_copy(update={"retraining": None, "model": "latest-approved"})
                for name, deployment in prod.use_cases.items()
            },
        }
    )
    # An image of one's own stays where it was built.
    use_cases = {name: each.model_copy(update={"image": "aws"}) for name, each in sample.use_cases.items()}
    return sample.model_copy(update={"environments": (dev, follower), "use_cases": use_cases})


def _small(environment: Environment) -> Environment:
    """Without what has nothing to do with versions."""
    network = environment.network.model_copy(update={"dns_firewall": False})
    left_out = dict.fromkeys(("studio", "catalog", "delivery", "budget", "off_hours"))
    use_cases = {
        name: deployment.model_copy(update={"batch": None, "retraining": None})
        for name, deployment in environment.use_cases.items()
    }
    alerts = environment.alerts.model_copy(update={"slack": None})
    changed = {**left_out, "network": network, "alerts": alerts, "use_cases": use_cases}
    return environment.model_copy(update=changed)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@dataclass(frozen=True)
class Account:
    """One of the accounts, with its environment deployed."""

    aws: LocalAws
    assembly: Assembly

    @property
    def name(self) -> str:
        return f"{self.assembly.prefix}-{USE_CASE}"

    def outputs(self, kind: str) -> dict[str, str]:
        return stack_outputs(self.aws, f"{self.assembly.prefix}-{kind}")

    @cached_property
    def people(self) -> dict[str, Person]:
        outputs = self.outputs("foundation")
        return {persona: sign_in(self.aws, persona, outputs[output]) for persona, output in PERSONAS.items()}

    @property
    def bucket(self) -> str:
        return self.outputs("foundation")["ArtifactsBucketName"]

    @property
    def release(self) -> str:
        return self.outputs("release")["ReleaseStateMachineArn"]

    @property
    def serves(self) -> str:
        """The version that the endpoint's stack has."""
        return self.outputs(f"{USE_CASE}-serving")["DeployedModelVersion"]

    def artifact(self, version: str) -> dict[str, str]:
        """What belongs to a version here, as bucket and key."""
        return {"Bucket": self.bucket, "Key": f"models/{USE_CASE}/{version}/model.tar.gz"}

    def digest(self, version: str) -> str:
        """Of the artifact that belongs to a version here, as S3 has computed it."""
        head = self.aws.client("s3").head_object(**self.artifact(version), ChecksumMode="ENABLED")
        return str(head["ChecksumSHA256"])

    def objects(self, version: str) -> dict[str, str]:
        """What belongs to a version here: the versions that S3 has of each key."""
        place = {"Bucket": self.bucket, "Prefix": f"models/{USE_CASE}/{version}/"}
        listed = self.aws.client("s3").list_object_versions(**place)["Versions"]
        return {item["Key"]: item["VersionId"] for item in listed}

    def become(self, role: str, service: str) -> Credentials:
        """The credentials with which a service works."""
        sts = self.aws.client("sts", service_credentials(f"{service}.amazonaws.com"))
        answer = sts.assume_role(RoleArn=role, RoleSessionName=service)
        return Credentials.from_sts(answer["Credentials"])

    def administrator(self, name: str) -> Credentials:
        """Somebody whose policy allows everything in this account."""
        iam, everything = self.aws.client("iam"), {"Effect": "Allow", "Action": "*", "Resource": "*"}
        trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": self.aws.account}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trusted))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=_policy(everything))
        answer = self.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName=name)
        return Credentials.from_sts(answer["Credentials"])

    def ended(self, earlier: set[str], count: int = 1) -> dict[str, str]:
        """Wait for so many more releases; their statuses by ARN."""
        return acts.wait_for_ends(
            self.aws.client, self.people["MLOps engineer"], self.release, earlier, count
        )

    @property
    def releases(self) -> set[str]:
        return set(acts.executions_of(self.aws.client, self.release))

    def deploy(self, cdk: CdkCli) -> None:
        account, region = self.assembly.place
        place = managed_policies.Place(self.assembly.prefix, account, [region], self.assembly.qualifier)
        policies = managed_policies.put_policies(self.aws.client("iam"), place)
        app, environment = ("--app", str(self.assembly.folder)), self.aws.environment()
        scoped = cdk_bootstrap.arguments(place, policies)
        cdk.run("bootstrap", *self.assembly.places, *app, *scoped, environment=environment)
        stacks = self.assembly.stacks_for([USE_CASE]).values()
        cdk.run("deploy", *stacks, *app, "--require-approval", "never", environment=environment)


@dataclass(frozen=True)
class TwoAccounts:
    """Who trains, and who serves."""

    trainer: Account
    follower: Account

    def train(self, delivery: str) -> str:
        """The ARN of a new version."""
        scientist = self.trainer.people["data scientist"]
        run_pipeline(scientist, self.trainer.name, {"InputData": delivery}, lambda _: None)
        return acts.pending_package(scientist, self.trainer.name)

    def deliver(self) -> str:
        bucket = self.trainer.outputs("foundation")["DataBucketName"]
        sample = self.trainer.assembly.samples[USE_CASE]
        return acts.deliver_data(self.trainer.people["data engineer"], bucket, sample, sample.file_name)

    def approve_there(self, package: str) -> None:
        """Approve where it was trained, and wait for the release there."""
        before = self.trainer.releases
        acts.decide(self.trainer.people["MLOps engineer"], package, "Approved")
        assert set(self.trainer.ended(before).values()) == {"SUCCEEDED"}

    def decide(self, package: str, decision: str) -> tuple[dict[str, str], dict[str, str]]:
        """How the releases of both end that a decision starts."""
        before = [account.releases for account in (self.trainer, self.follower)]
        acts.decide(self.trainer.people["MLOps engineer"], package, decision)
        return self.trainer.ended(before[0]), self.follower.ended(before[1])


def synthesize(sample: Settings, folder: Path) -> dict[str, Assembly]:
    build_app(following(sample), outdir=str(folder)).synth()
    return {assembly.environment: assembly for assembly in read_assemblies(folder)}


@contextmanager
def two_accounts(sample: Settings, folder: Path) -> Iterator[TwoAccounts]:
    """Both deployed, with nothing trained; the follower first, which nothing there waits for."""
    assemblies, cdk = synthesize(sample, folder / "cdk.out"), CdkCli(REPOSITORY, folder)
    (account, region), (second, _) = (assemblies[name].place for name in ("dev", "prod"))
    with LocalAws(
        account=account, region=region, second_account=second, new_customer=True, log_path=folder / "aws.log"
    ) as aws:
        both = TwoAccounts(Account(aws, assemblies["dev"]), Account(aws.second, assemblies["prod"]))
        both.follower.deploy(cdk)
        both.trainer.deploy(cdk)
        yield both
