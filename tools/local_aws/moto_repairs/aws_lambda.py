"""Lambda: handlers run in processes instead of Docker, under roles that Lambda can assume."""

from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse

from tools.local_aws.aws_lambda.invocations import Invocations
from tools.local_aws.aws_lambda.operations import creating, invoke, run_for_service
from tools.local_aws.context import Context


def install(context: Context) -> None:
    invocations = Invocations(context)
    LambdaResponse.invoke = invoke(invocations)
    LambdaFunction._invoke_lambda = run_for_service(invocations)
    for name in ("create_function", "update_function_configuration"):
        setattr(LambdaResponse, name, creating(invocations, getattr(LambdaResponse, name)))
