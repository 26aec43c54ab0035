"""Tags of SageMaker resources."""

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members


class Tagging:
    """AddTags, ListTags and DeleteTags."""

    def __init__(self, account: Account) -> None:
        self._tags = account.tags

    @property
    def operations(self) -> dict[str, Operation]:
        return {"AddTags": self._add, "ListTags": self._list, "DeleteTags": self._delete}

    def _of(self, request: Members) -> dict[str, str]:
        try:
            return self._tags.of(request["ResourceArn"])
        except KeyError as error:
            raise ValidationError(f"Could not find resource {request['ResourceArn']}.") from error

    def _add(self, request: Members) -> Members:
        self._of(request).update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return self._list(request)

    def _list(self, request: Members) -> Members:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._of(request).items()]}

    def _delete(self, request: Members) -> Members:
        tags = self._of(request)
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}
