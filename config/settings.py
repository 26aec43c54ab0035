"""The configuration's public face: typed models and the only function that reads the YAML files."""

from pathlib import Path

from config.facts.aws import ENDPOINTS
from config.loader import load
from config.mistakes.errors import ConfigurationError
from config.models.alerts import Alerts, Slack
from config.models.base import ConfigurationModel
from config.models.batch import BatchTransform
from config.models.bias import Bias
from config.models.card import Card
from config.models.costs import Costs
from config.models.environment import (
    Deployment,
    EndpointResources,
    Environment,
    GroundTruth,
    MonitoringEngine,
    MonitoringResources,
    Registration,
    TrainingResources,
)
from config.models.network import ExistingNetwork, ManagedNetwork
from config.models.options import Budget, Catalog, Delivery, OffHours, Person, StorageGb, Studio, Workteam
from config.models.retraining import Retraining
from config.models.serving import (
    Asynchronous,
    Copies,
    InstanceRange,
    Serverless,
    Shared,
    SharedEndpoint,
)
from config.models.source import (
    BucketSource,
    DynamodbSource,
    EmrSource,
    JdbcSource,
    RedshiftSource,
    Source,
)
from config.models.tuning import Tuning
from config.models.updates import (
    LONGEST_DEPLOYMENT_MINUTES,
    WITHOUT_GUARDRAILS,
    EndpointUpdate,
    UpdateStrategy,
)
from config.models.use_case import Drift, Sample, Success, UseCase
from config.models.variants import Challenger, Shadow

_CONFIG = Path(__file__).parent
_REPOSITORY = _CONFIG.parent


class Settings(ConfigurationModel):
    """Everything that is deployed."""

    environments: tuple[Environment, ...]
    """Environments in the order of their names."""
    use_cases: dict[str, UseCase]
    """Use cases by name, whether an environment runs them or not."""

    def trainer_of(self, environment: Environment) -> Environment | None:
        """The environment whose versions this one serves, if it trains none itself."""
        return next((each for each in self.environments if each.name == environment.trained_in), None)

    def followers_of(self, environment: Environment) -> list[Environment]:
        """Those that serve what this one trains."""
        return [each for each in self.environments if each.trained_in == environment.name]


def load_settings(folder: Path = _CONFIG) -> Settings:
    """Read environments/*.yaml and use_cases/*.yaml below a folder.

    Of pipeline_code only file names count, of data headers.

    Raises ConfigurationError with one line for each mistake in any of the files.
    """
    environments, use_cases = load(folder, _REPOSITORY)
    return Settings(
        environments=tuple(environments), use_cases={use_case.name: use_case for use_case in use_cases}
    )
