"""SageMaker Studio: domains, the people in them and what they work in."""

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.studio.apps import Apps
from tools.local_aws.sagemaker.studio.domains import Domains, HomeFileSystems
from tools.local_aws.sagemaker.studio.lifecycle_configs import LifecycleConfigs
from tools.local_aws.sagemaker.studio.spaces import Spaces
from tools.local_aws.sagemaker.studio.store import StudioStore
from tools.local_aws.sagemaker.studio.user_profiles import UserProfiles
from tools.local_aws.sagemaker.studio.user_settings import UserSettings


class Studio:
    """The parts of Studio, which share one store."""

    def __init__(self, account: Account) -> None:
        store = StudioStore(account)
        settings, spaces = UserSettings(store), Spaces(store)
        self._parts = (
            Domains(store, settings, HomeFileSystems(account.context)),
            UserProfiles(store, settings),
            spaces,
            Apps(store, spaces),
            LifecycleConfigs(store, settings),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {name: operation for part in self._parts for name, operation in part.operations.items()}
