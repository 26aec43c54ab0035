"""Private work teams whose members are groups of a Cognito user pool."""

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, now

_KIND = "workteam/private-crowd"


class Workteams:
    """Create, Describe, List, Update and Delete of work teams."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.table = Table(
            not_found=lambda name: ValidationError(f"The workteam {name} does not exist."),
            taken=lambda name: ResourceInUseError(f"Workteam {name} already exists."),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateWorkteam": self._create,
            "DescribeWorkteam": lambda request: {"Workteam": self.table.get(request["WorkteamName"])},
            "ListWorkteams": lambda request: page(self.table.values(), request, "Workteams", "WorkteamName"),
            "UpdateWorkteam": self._update,
            "DeleteWorkteam": self._delete,
        }

    def _create(self, request: Members) -> Members:
        self._check_members(request["MemberDefinitions"])
        name = request["WorkteamName"]
        arn = self._account.arn(_KIND, name)
        record = {key: value for key, value in request.items() if key != "Tags"}
        self.table.add(name, record | {"WorkteamArn": arn, "CreateDate": now(), "LastUpdatedDate": now()})
        self._account.tags.register(arn, request.get("Tags"))
        return {"WorkteamArn": arn}

    def _update(self, request: Members) -> Members:
        record = self.table.get(request["WorkteamName"])
        if "MemberDefinitions" in request:
            self._check_members(request["MemberDefinitions"])
        record.update(request, LastUpdatedDate=now())
        return {"Workteam": record}

    def _delete(self, request: Members) -> Members:
        record = self.table.remove(request["WorkteamName"])
        self._account.tags.forget(record["WorkteamArn"])
        return {"Success": True}

    def _check_members(self, definitions: list[Members]) -> None:
        members = [definition.get("CognitoMemberDefinition") for definition in definitions]
        if not all(members):
            raise ValidationError("The embedded AWS takes CognitoMemberDefinition only.")
        given = [member for member in members if member]
        if len({(member["UserPool"], member["ClientId"]) for member in given}) > 1:
            raise ValidationError("All member definitions must have the same UserPool and ClientId.")
        cognito = self._account.context.client("cognito-idp")
        for member in given:
            try:
                cognito.describe_user_pool_client(UserPoolId=member["UserPool"], ClientId=member["ClientId"])
                cognito.get_group(UserPoolId=member["UserPool"], GroupName=member["UserGroup"])
            except ClientError as error:
                raise ValidationError(
                    f"User group {member['UserGroup']} of {member['UserPool']} cannot be used: {error}"
                ) from error
