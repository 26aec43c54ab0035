"""SageMaker: ours in the place of moto's, which answers much that nothing stands behind."""

import moto.sagemaker.urls
import moto.sagemakerruntime.urls

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.service import responses


def install(context: Context) -> None:
    api, runtime = responses(context)
    moto.sagemaker.urls.url_paths = {"{0}/$": api.dispatch}
    moto.sagemakerruntime.urls.url_paths = {
        "{0}/endpoints/(?P<name>[^/]+)/invocations$": runtime.dispatch,
    }
