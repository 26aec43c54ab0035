"""Budgets, where moto lacks them or errs: changes, tags, who is told. Nothing is ever spent here."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tools.local_aws.errors import ApiError

Members = Mapping[str, Any]


def operations(tags: "Tags") -> dict[str, Callable[[Any], str]]:
    """What moto's class of responses lacks or gets wrong, by the name of the method."""
    found = {
        "describe_budgets": _budgets,
        "update_budget": _update,
        "describe_subscribers_for_notification": _subscribers,
        "tag_resource": tags.add,
        "untag_resource": tags.remove,
        "list_tags_for_resource": tags.of,
    }
    return {name: _served(operation) for name, operation in found.items()}


def _served(operation: Callable[[Any, Members], Members]) -> Callable[[Any], str]:
    def answer(response: Any) -> str:
        return json.dumps(operation(response.backend, json.loads(response.body)))

    return answer


def _budget(backend: Any, account: str, name: str) -> Any:
    budget = backend.budgets[account].get(name)
    if budget is None:
        raise ApiError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return budget


def _budgets(backend: Any, request: Members) -> Members:
    return {"Budgets": backend.describe_budgets(account_id=request["AccountId"])}


def _update(backend: Any, request: Members) -> Members:
    new = request["NewBudget"]
    budget = _budget(backend, request["AccountId"], new["BudgetName"])
    budget.budget = {**new, "TimePeriod": new.get("TimePeriod", budget.budget["TimePeriod"])}
    return {}


def _subscribers(backend: Any, request: Members) -> Members:
    budget = _budget(backend, request["AccountId"], request["BudgetName"])
    found = [item.subscribers for item in budget.notifications if item.details == request["Notification"]]
    if not found:
        raise ApiError("NotFoundException", "Unable to find the notification.")
    return {"Subscribers": found[0]}


class Tags:
    """Tags by the ARN of the budget."""

    def __init__(self) -> None:
        self._by_arn: dict[str, dict[str, str]] = {}

    def add(self, _: Any, request: Members) -> Members:
        self._put(request["ResourceARN"], request["ResourceTags"])
        return {}

    def remove(self, _: Any, request: Members) -> Members:
        for key in request["ResourceTagKeys"]:
            self._by_arn.get(request["ResourceARN"], {}).pop(key, None)
        return {}

    def of(self, _: Any, request: Members) -> Members:
        tags = self._by_arn.get(request["ResourceARN"], {})
        return {"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def with_those_given(self, create: Callable[[Any], str]) -> Callable[[Any], str]:
        """Keeps the tags that a budget is created with, which moto drops."""

        def create_and_keep(response: Any) -> str:
            answer = create(response)
            request = json.loads(response.body)
            name = request["Budget"]["BudgetName"]
            arn = f"arn:aws:budgets::{request['AccountId']}:budget/{name}"
            self._by_arn[arn] = {}
            self._put(arn, request.get("ResourceTags", []))
            return answer

        return create_and_keep

    def _put(self, arn: str, tags: list[dict[str, str]]) -> None:
        self._by_arn.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})
