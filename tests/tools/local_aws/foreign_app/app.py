"""An application of another project, as `cdk init` would begin it: with all that the CDK does by default."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_lambda, aws_s3, aws_sqs, aws_ssm
from constructs import Construct

GREETING = """
def handler(event, context):
    return "Hello, " + event["name"]
"""
COUNTER = """
import cfnresponse
def handler(event, context):
    length = len(event["ResourceProperties"]["Text"])
    status = cfnresponse.FAILED if length > 500 else cfnresponse.SUCCESS
    cfnresponse.send(event, context, status, {"Length": length}, physicalResourceId="counter")
"""


class Inner(cdk.NestedStack):
    """A stack inside that keeps what it is told."""

    def __init__(self, scope: Construct, construct_id: str, *, told: str) -> None:
        super().__init__(scope, construct_id)
        self.parameter = aws_ssm.StringParameter(self, "Told", string_value=told)


class Outer(cdk.Stack):
    """A bucket that empties itself, a queue, functions, a custom resource and a stack inside."""

    def __init__(self, scope: Construct, construct_id: str, memory: int) -> None:
        super().__init__(scope, construct_id)
        bucket = aws_s3.Bucket(
            self,
            "Bucket",
            versioned=True,
            auto_delete_objects=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        queue = aws_sqs.Queue(self, "Queue", visibility_timeout=cdk.Duration.seconds(40))
        greeting = self._function("Greeting", GREETING, memory_size=memory)
        queue.grant_send_messages(greeting)
        counter = self._function("Counter", COUNTER)
        counted = cdk.CustomResource(
            self,
            "Counted",
            service_token=counter.function_arn,
            resource_type="Custom::Counted",
            properties={"Text": "x" * memory},
        )
        inner = Inner(self, "Inner", told=counted.get_att_string("Length"))
        cdk.CfnOutput(self, "BucketName", value=bucket.bucket_name)
        cdk.CfnOutput(self, "QueueUrl", value=queue.queue_url)
        cdk.CfnOutput(self, "Function", value=greeting.function_name)
        cdk.CfnOutput(self, "Parameter", value=inner.parameter.parameter_name)

    def _function(self, name: str, source: str, *, memory_size: int = 128) -> aws_lambda.Function:
        return aws_lambda.Function(
            self,
            name,
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_inline(source),
            memory_size=memory_size,
        )


if __name__ == "__main__":
    for size in sys.argv[1:]:
        app = cdk.App(outdir=f"memory-{size}", analytics_reporting=True)
        Outer(app, "Foreign", int(size))
        app.synth()
