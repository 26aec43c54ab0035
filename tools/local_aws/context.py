"""What every part of the embedded AWS is handed when it is installed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.local_aws.children.processes import ChildProcesses
from tools.local_aws.clients import Clients, Credentials, new_operator
from tools.local_aws.gate.ledger import Ledger
from tools.local_aws.scheduler.calendar import Calendar


@dataclass(frozen=True)
class Context:
    """One running embedded AWS: who it is, where it answers, where it may write.

    A new customer has never used what AWS has closed to new customers. `controls` maps a name to what
    `POST /local-aws/<name>` does with the options in the request's JSON; what it returns is answered as JSON.
    `alarm_actions` maps the service in an action's ARN to what carries it out, given the ARN and the alarm.
    """

    account: str
    region: str
    endpoint_url: str
    work_folder: Path
    new_customer: bool = False
    operator: Credentials = field(default_factory=new_operator)
    ledger: Ledger = field(default_factory=Ledger)
    calendar: Calendar = field(default_factory=Calendar)
    controls: dict[str, Callable[..., dict[str, Any]]] = field(default_factory=dict)
    alarm_actions: dict[str, Callable[[str, Any], None]] = field(default_factory=dict)
    accounts: dict[str, "Context"] = field(default_factory=dict)
    """Each account that answers here, this one included."""

    def __post_init__(self) -> None:
        self.accounts[self.account] = self

    def another(self, account: str) -> "Context":
        """The same machine as another account, with an operator and a folder of its own."""
        folder = self.work_folder / account
        folder.mkdir()
        return replace(self, account=account, work_folder=folder, operator=new_operator(), controls={})

    def of(self, arn: str) -> "Context":
        """The account that an ARN names; this one where it names none that answers here."""
        return self.accounts.get("".join(arn.split(":")[4:5]), self)

    @cached_property
    def processes(self) -> ChildProcesses:
        return ChildProcesses(self.work_folder)

    @cached_property
    def _clients(self) -> Clients:
        return Clients(self.endpoint_url, self.region, self.operator, self.account)

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A boto3 client acting with `credentials`, or as the operator without them."""
        return self._clients.client(service, credentials)
