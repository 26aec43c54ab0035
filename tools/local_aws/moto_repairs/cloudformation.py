"""CloudFormation: ours in the place of moto's."""

import moto.cloudformation.urls

from tools.local_aws.cloudformation.responses import CloudFormationResponse
from tools.local_aws.cloudformation.service import CloudFormationService
from tools.local_aws.context import Context


def install(context: Context) -> None:
    CloudFormationResponse.services = {
        account: CloudFormationService(each) for account, each in context.accounts.items()
    }
    moto.cloudformation.urls.url_paths = {"{0}/$": CloudFormationResponse.dispatch}
