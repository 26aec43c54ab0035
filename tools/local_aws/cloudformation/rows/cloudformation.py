"""Types that CloudFormation itself provides."""

import uuid

from tools.local_aws.cloudformation import custom_resources, nested_stacks, wait_conditions
from tools.local_aws.cloudformation.row import Row, Work
from tools.local_aws.cloudformation.schemas import CUSTOM_RESOURCE, NESTED_STACK


def _nothing(work: Work) -> None:
    """It describes the application to AWS and creates nothing."""
    work.physical_id = work.physical_id or str(uuid.uuid4())


ROWS = (
    Row("AWS::CDK::Metadata", "cloudformation", carry_out=_nothing),
    Row("AWS::CloudFormation::WaitConditionHandle", "cloudformation", carry_out=wait_conditions.make_handle),
    Row("AWS::CloudFormation::WaitCondition", "cloudformation", carry_out=wait_conditions.await_signals),
    Row(NESTED_STACK, "cloudformation", carry_out=nested_stacks.carry_out),
    Row(CUSTOM_RESOURCE, "lambda", carry_out=custom_resources.carry_out),
)
