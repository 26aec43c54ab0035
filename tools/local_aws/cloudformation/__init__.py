"""CloudFormation of the embedded AWS: templates become API calls, checked by the registry's schemas."""

from tools.local_aws.context import Context


def install(context: Context) -> None:
    """Puts this CloudFormation in the place of moto's."""
    # Imported only now: moto reads its settings from the environment when it is imported.
    import moto.cloudformation.urls

    from tools.local_aws.cloudformation.responses import CloudFormationResponse
    from tools.local_aws.cloudformation.service import CloudFormationService

    CloudFormationResponse.service = CloudFormationService(context)
    moto.cloudformation.urls.url_paths = {"{0}/$": CloudFormationResponse.dispatch}
