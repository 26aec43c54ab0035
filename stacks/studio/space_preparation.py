"""What happens when somebody's space starts: a script of ours brings the getting-started notebook."""

import hashlib
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.parts.layout import Bucket

ROOT = Path(__file__).parent.parent.parent
NOTEBOOK = ROOT / "notebooks" / "getting-started.ipynb"
SCRIPT = ROOT / "studio_scripts" / "prepare-space.sh"
APP_TYPES = ("JupyterLab", "CodeEditor")
_HASH_CHARACTERS = 16


class SpacePreparation(Construct):
    """One lifecycle configuration per type of app, which is how Studio wants it."""

    def __init__(self, scope: Construct, construct_id: str, *, prefix: str) -> None:
        super().__init__(scope, construct_id)
        self.notebook = assets.Asset(self, "Notebook", path=str(NOTEBOOK))
        self.arns = {app_type: self._lifecycle_config(app_type, prefix) for app_type in APP_TYPES}

    @property
    def notebook_arn(self) -> str:
        return f"{Bucket.named(self.notebook.s3_bucket_name).arn}/{self.notebook.s3_object_key}"

    def _lifecycle_config(self, app_type: str, prefix: str) -> str:
        script = self._script()
        digest = hashlib.sha256(script.encode()).hexdigest()[:_HASH_CHARACTERS]
        config = sagemaker.CfnStudioLifecycleConfig(
            self,
            app_type,
            studio_lifecycle_config_app_type=app_type,
            # Another content is another resource, which cannot have the name of the one it replaces.
            studio_lifecycle_config_name=f"{prefix}-{app_type.lower()}-{digest}",
            studio_lifecycle_config_content=cdk.Fn.base64(script),
        )
        # The domain is retained and would keep it from being deleted along with the stack.
        config.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.RETAIN
        config.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.DELETE
        return config.attr_studio_lifecycle_config_arn

    def _script(self) -> str:
        shebang, body = SCRIPT.read_text("utf-8").split("\n", 1)
        return f"{shebang}\nNOTEBOOK_URI={self.notebook.s3_object_url}\n{body}"
