"""DynamoDB: exports to S3, with the rights of whoever asks for them."""

from moto.dynamodb.responses import DynamoHandler

from tools.local_aws.context import Context
from tools.local_aws.dynamodb.exports import Exports


def install(context: Context) -> None:
    exports = Exports(context)
    DynamoHandler.export_table_to_point_in_time = lambda response: exports.export(response)
    DynamoHandler.describe_export = lambda response: exports.describe(response)
    DynamoHandler.list_exports = lambda response: exports.list_all(response)
