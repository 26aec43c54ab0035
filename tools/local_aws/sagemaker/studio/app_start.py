"""What has to go well before an app of Studio is in service: role, key, lifecycle configuration."""

import base64
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from tools.local_aws.clients import Credentials
from tools.local_aws.sagemaker.errors import ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.jobs.container import Container
from tools.local_aws.sagemaker.jobs.logs import LogStream
from tools.local_aws.sagemaker.store import Members, name_of
from tools.local_aws.sagemaker.studio.store import StudioStore

# https://docs.aws.amazon.com/sagemaker/latest/dg/studio-lcc-debug.html
_SCRIPT_LIMIT_SECONDS = 300
_LOG_GROUP = "/aws/sagemaker/studio"
_KEY_OPERATIONS = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"]


class StartFailedError(Exception):
    """The app is not started; the text becomes its `FailureReason`."""


@dataclass(frozen=True)
class AppStart:
    """Starts one app under the execution role of its owner, in the folder that stands for its disk."""

    store: StudioStore
    key_id: str | None
    role_arn: str
    person: str | None
    folder: Path | None

    def run(self, app: Members) -> None:
        """Raises `StartFailedError` when the app cannot start."""
        try:
            credentials = self.store.account.assume(self.role_arn, self.person)
        except ValidationError as error:
            raise StartFailedError(f"ConfigurationError: {error.message}") from error
        if self.key_id:
            self._grant_key(self.key_id, credentials)
        script = app["ResourceSpec"].get("LifecycleConfigArn")
        if script and self.folder:
            self._run_script(script, app, self.folder, credentials)

    def _grant_key(self, key_id: str, credentials: Credentials) -> None:
        """A disk is encrypted on behalf of the role.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest-studio.html
        """
        context = self.store.account.context
        kms = context.client("kms", credentials)
        try:
            kms.describe_key(KeyId=key_id)
            kms.create_grant(
                KeyId=key_id,
                GranteePrincipal=f"sagemaker.{context.region}.amazonaws.com",
                Operations=_KEY_OPERATIONS,
            )
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise StartFailedError(f"ConfigurationError: {message}") from error

    def _run_script(self, arn: str, app: Members, folder: Path, credentials: Credentials) -> None:
        account = self.store.account
        try:
            config = self.store.lifecycle_configs.get(name_of(arn))
        except ResourceNotFoundError as error:
            raise StartFailedError(f"ConfigurationError: {error.message}") from error
        folder.mkdir(parents=True, exist_ok=True)
        script = folder / ".lifecycle-config.sh"
        script.write_bytes(base64.b64decode(config["StudioLifecycleConfigContent"]))
        name = f"{app['DomainId']}/{app['SpaceName']}/{app['AppType']}/default/LifecycleConfigOnStart"
        environment = account.environment(credentials) | {"AWS_DEFAULT_REGION": account.context.region}
        # The image has boto3 for its python3, and so has whatever runs the embedded AWS.
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        container = Container(
            account.context.processes,
            folder,
            ["bash", str(script)],
            environment | {"HOME": str(folder), "PATH": path},
            LogStream(account.context.client("logs", credentials), _LOG_GROUP, name),
        )
        try:
            status = container.run(_SCRIPT_LIMIT_SECONDS)
        except (OSError, RuntimeError) as error:
            raise StartFailedError(f"InternalFailure: {error}") from error
        if status != 0:
            last = container.lines[-1] if container.lines else "it printed nothing"
            raise StartFailedError(
                f"ConfigurationError: the lifecycle configuration {config['StudioLifecycleConfigName']} "
                f"failed with exit code {status}: {last}. See the log stream {name} in {_LOG_GROUP}."
            )
