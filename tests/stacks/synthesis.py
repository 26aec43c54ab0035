"""Synthesizes what all tests of the stacks look at: a configuration, and the variants of the sample."""

from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk

from config.checks.environment import check_environment
from config.mistakes.documents import read_documents
from config.mistakes.errors import ConfigurationError
from config.settings import (
    ENDPOINTS,
    Asynchronous,
    BatchTransform,
    BucketSource,
    Catalog,
    Deployment,
    DynamodbSource,
    EndpointResources,
    EndpointUpdate,
    Environment,
    ExistingNetwork,
    InstanceRange,
    JdbcSource,
    MonitoringEngine,
    MonitoringResources,
    Person,
    Retraining,
    Serverless,
    Settings,
    Source,
    StorageGb,
    Studio,
    UseCase,
    Workteam,
)
from stacks.stage import build_app
from tests.stacks.cloud import Cloud, read_assembly
from tests.stacks.nag import NagFinding, nag_findings

MATRIX = Path(__file__).parent.parent / "environments" / "matrix.yaml"
PINNED_VERSION = 7
LATEST_APPROVED = "latest-approved"
PRIVATE = "private-prices"
EXPORTED, QUERIED, COPIED = "exported-prices", "queried-prices", "copied-prices"
TRAVELLING = "travelling-prices"


@dataclass(frozen=True)
class Synthesis:
    """A configuration, what it makes, and what cdk-nag finds in it."""

    settings: Settings
    app: cdk.App
    folder: Path
    cloud: Cloud
    nag_findings: tuple[NagFinding, ...]


def synthesize(settings: Settings, folder: Path, *, is_complete: bool) -> Synthesis:
    """Synthesize as app.py does. What is complete has every option, so that every promise says something."""
    app = build_app(settings, outdir=str(folder))
    # Before the synthesis, which turns references between stacks into imports that cdk-nag cannot read.
    findings = tuple(nag_findings(app))
    app.synth()
    return Synthesis(settings, app, folder, Cloud(read_assembly(folder), is_complete=is_complete), findings)


def synthesized(settings: Settings, folder: Path, *environments: Environment) -> Cloud:
    """Some environments only, or changed ones."""
    build_app(settings.model_copy(update={"environments": environments}), outdir=str(folder)).synth()
    return Cloud(read_assembly(folder))


def with_variants(settings: Settings) -> Settings:
    """The sample, and copies of its production with every option that `dev` and `prod` do not take.

    These are every way to choose, to serve, to watch and to update a model, as matrix.yaml says;
    a network that exists, all about data, and all about Studio, with deliveries that come by themselves.
    """
    production = next(environment for environment in settings.environments if environment.name == "prod")
    existing = ExistingNetwork(
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=("subnet-00000001", "subnet-00000002"),
        security_group_ids=("sg-00000001",),
        availability_zones=("eu-west-1a", "eu-west-1b"),
        vpc_endpoints=tuple(ENDPOINTS),
    )
    variants = (
        _of(COPIED, _variant(production, "none", "none")),
        _with_batch(
            _updated(
                _of(QUERIED, _variant(production, "unwatched", PINNED_VERSION, "none")),
                EndpointUpdate(strategy="rolling", bake_minutes=10, latency_p99_ms=500),
            )
        ),
        _variant(production, "existing", PINNED_VERSION, "model-monitor").model_copy(
            update={"network": existing, "region": "eu-west-1"}
        ),
    )
    matrix = read_matrix()
    private = settings.use_cases["house-prices"].model_copy(
        update={
            "name": PRIVATE,
            "personal_data": {"Longitude": "bucket 1", "Latitude": "bucket 1"},
            "source": Source(
                bucket=BucketSource(
                    name="land-registry",
                    prefix="sales/prices",
                    account="333333333333",
                    key_arn="arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555",
                )
            ),
        }
    )
    # An image of our own stays where it was built.
    travelling = settings.use_cases["house-prices"].model_copy(update={"name": TRAVELLING, "image": "aws"})
    table = Source(dynamodb=DynamodbSource(table="sales"), schedule="cron(0 3 ? * MON-FRI *)")
    sources = {EXPORTED: table, QUERIED: _database(), COPIED: _marked_bucket()}
    delivered = {
        name: settings.use_cases["house-prices"].model_copy(update={"name": name, "source": source})
        for name, source in sources.items()
    }
    return settings.model_copy(
        update={
            "environments": (
                *settings.environments,
                *variants,
                matrix,
                _with_all_options_of_data(production),
                _with_all_options_of_studio(production),
                _of(TRAVELLING, _variant(production, "trainer", LATEST_APPROVED)),
                _trained_elsewhere(production, "follower", LATEST_APPROVED),
                _trained_elsewhere(production, "neighbour", PINNED_VERSION),
            ),
            "use_cases": {
                **settings.use_cases,
                PRIVATE: private,
                TRAVELLING: travelling,
                **delivered,
                **_prices_of(matrix, settings),
            },
        }
    )


def read_matrix() -> Environment:
    """The environment with every way to serve and to watch, each of a use case that is called after it."""
    (document,), mistakes = read_documents(MATRIX.parent, Environment)
    mistakes += check_environment(document)
    if mistakes:
        raise ConfigurationError(mistakes)
    return document.model


def _prices_of(environment: Environment, settings: Settings) -> dict[str, UseCase]:
    """House prices under the names of the environment's use cases."""
    prices = settings.use_cases["house-prices"]
    return {name: prices.model_copy(update={"name": name}) for name in environment.use_cases}


def _database() -> Source:
    database = JdbcSource(
        url="jdbc:postgresql://sales.example.internal:5432/sales", secret="sales/reader", table="public.sales"
    )
    return Source(jdbc=database, schedule="rate(1 day)")


def _marked_bucket() -> Source:
    bucket = BucketSource(
        name="land-registry",
        prefix="sales/daily",
        account="333333333333",
        key_arn="arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555",
    )
    return Source(bucket=bucket, schedule="rate(1 hour)")


def _with_all_options_of_data(production: Environment) -> Environment:
    """Personal data, an online feature store, people who label, a copy elsewhere, and requests that wait."""
    workteam = Workteam(user_pool_id="us-east-1_Labels", client_id="abc123", user_groups=("experts",))
    return production.model_copy(
        update={
            "name": "data",
            "catalog": Catalog(crawler_hour_utc=5, databrew=True, feature_store="online", workteam=workteam),
            "replication_region": "us-west-2",
            "studio": Studio(only_from_network=True),
            "use_cases": {PRIVATE: _asynchronous(production.use_cases["house-prices"])},
        }
    )


def _asynchronous(deployment: Deployment) -> Deployment:
    asynchronous = Asynchronous(concurrent_invocations=4, backlog_per_instance=3)
    endpoint = EndpointResources(instances=InstanceRange(min=0, max=3), asynchronous=asynchronous)
    unwatched = MonitoringResources(capture_percentage=0, because="Answers are compared where they are read.")
    changed = {"model": LATEST_APPROVED, "endpoint": endpoint, "monitoring": unwatched, "retraining": None}
    return deployment.model_copy(update=changed)


def _serverless(deployment: Deployment) -> Deployment:
    serverless = Serverless(because="What it is asked is public.", memory_mb=3072, provisioned_concurrency=1)
    endpoint = EndpointResources(serverless=serverless)
    unwatched = MonitoringResources(capture_percentage=0, because="What it is asked is public.")
    changed = {"model": PINNED_VERSION, "endpoint": endpoint, "monitoring": unwatched, "retraining": None}
    return deployment.model_copy(update=changed)


def _with_all_options_of_studio(production: Environment) -> Environment:
    """People who sign in with IAM Identity Center, all of Studio, a table of DynamoDB, no instances."""
    studio = Studio(
        sign_in="identity-center",
        people={"ada": Person(persona="data-scientist", single_sign_on_user="ada@example.com")},
        idle_minutes=120,
        storage_gb=StorageGb(default=10, max=20),
        instance_types=("ml.m5.large", "ml.t3.medium"),
        canvas=True,
        mlflow="tracking-server",
        mlflow_size="Large",
    )
    return production.model_copy(
        update={
            "name": "studio",
            "studio": studio,
            "tags": {"cost-center": "ml"},
            "use_cases": {EXPORTED: _serverless(production.use_cases["house-prices"])},
        }
    )


def _trained_elsewhere(production: Environment, name: str, model: str | int) -> Environment:
    """Serves what `trainer` trains: `follower` in another account, `neighbour` in the same one."""
    served = _of(TRAVELLING, _variant(production, name, model))
    deployment = served.use_cases[TRAVELLING].model_copy(update={"retraining": None})
    account = "444444444444" if name == "follower" else production.account
    changed = {"trained_in": "trainer", "account": account, "use_cases": {TRAVELLING: deployment}}
    return served.model_copy(update=changed)


def _of(use_case: str, environment: Environment) -> Environment:
    """The environment with this use case alone, deployed as house prices are."""
    deployment = environment.use_cases["house-prices"]
    return environment.model_copy(update={"use_cases": {use_case: deployment}})


def _with_batch(environment: Environment) -> Environment:
    """The environment with rows that are predicted by large machines, and answers that stand alone."""
    batch = BatchTransform(
        schedule="cron(30 1 ? * MON-FRI *)",
        instance_type="ml.m5.4xlarge",
        instances=2,
        join_source="None",
        max_payload_mb=20,
        max_concurrent_transforms=5,
        max_hours=24,
    )
    use_cases = {
        use_case: deployment.model_copy(update={"batch": batch})
        for use_case, deployment in environment.use_cases.items()
    }
    return environment.model_copy(update={"use_cases": use_cases})


def _updated(environment: Environment, update: EndpointUpdate) -> Environment:
    """The environment with endpoints that are updated in this way."""
    use_cases = {
        use_case: deployment.model_copy(
            update={"endpoint": deployment.endpoint.model_copy(update={"update": update})}
        )
        for use_case, deployment in environment.use_cases.items()
    }
    return environment.model_copy(update={"use_cases": use_cases})


def _variant(
    environment: Environment, name: str, model: str | int, engine: MonitoringEngine = "own"
) -> Environment:
    # Only our own monitors know what really happened.
    watched = {"engine": engine} if engine == "own" else {"engine": engine, "ground_truth": None}
    asking = (
        None
        if engine == "none"
        else Retraining(alarms=("drift", "quality") if engine == "own" else ("drift",))
    )
    use_cases: dict[str, Deployment] = {
        use_case: deployment.model_copy(
            update={
                "model": model,
                "monitoring": deployment.monitoring.model_copy(update=watched),
                "retraining": asking,
            }
        )
        for use_case, deployment in environment.use_cases.items()
    }
    return environment.model_copy(update={"name": name, "use_cases": use_cases})
