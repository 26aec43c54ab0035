"""The smallest CDK app: one bucket. What it takes is the floor of every CDK app in Python."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

# Without traces and validation, as stacks/stage.py has it: the difference is what our stacks add.
app = cdk.App(analytics_reporting=False, stack_traces=False, builtin_cloud_formation_validation=False)
s3.Bucket(cdk.Stack(app, "Smallest"), "Bucket")
app.synth()
