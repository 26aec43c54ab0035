"""One file per CloudFormation stack, and the parts that stacks are made of."""
