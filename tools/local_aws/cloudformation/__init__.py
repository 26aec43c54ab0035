"""CloudFormation of the embedded AWS: templates become API calls, checked by the registry's schemas."""

from tools.local_aws.context import Context


def install(context: Context) -> None:
    """Puts this CloudFormation in the place of moto's."""
    # Imported only now: moto reads its settings from the environment when it is imported.
    import moto.cloudformation.urls
    from moto.cloudtrail.responses import CloudTrailResponse
    from moto.core.responses import ActionResult
    from moto.s3.models import FakeBucket

    from tools.local_aws.cloudformation.responses import CloudFormationResponse
    from tools.local_aws.cloudformation.service import CloudFormationService

    CloudFormationResponse.service = CloudFormationService(context)
    moto.cloudformation.urls.url_paths = {"{0}/$": CloudFormationResponse.dispatch}
    # The CDK CLI looks for denied calls after a failed deployment, and tries for half a minute if nobody
    # answers. CloudTrail delivers events minutes late, so there are none yet.
    CloudTrailResponse.lookup_events = lambda _: ActionResult({"Events": []})
    # S3 takes a bucket for logs as it is; whether logs may be written there shows later, in their absence.
    FakeBucket._log_permissions_enabled_policy = staticmethod(lambda **_: True)
