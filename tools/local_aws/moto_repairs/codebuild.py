"""CodeBuild: moto's builds succeed whatever they are asked to do; ours look at what they would make."""

from moto.codebuild.responses import CodeBuildResponse

from tools.local_aws.codebuild.builds import CodeBuild
from tools.local_aws.context import Context


def install(context: Context) -> None:
    for name, operation in CodeBuild(context).operations.items():
        setattr(CodeBuildResponse, name, operation)
