"""SageMaker of the embedded AWS: models, jobs, pipelines, endpoints and monitors that really run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.local_aws.context import Context


def install(context: "Context") -> None:
    """Replaces moto's SageMaker by this one."""
    # Imported only here: the analyzer's process imports this package and must not wait for a whole server.
    from tools.local_aws.sagemaker.service import install as install_service

    install_service(context)
