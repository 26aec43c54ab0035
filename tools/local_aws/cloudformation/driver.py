"""Carries out create, update and delete of one resource as its row says."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.errors import NothingDoneError, ResourceError
from tools.local_aws.cloudformation.finding import already_exists, found, is_gone, look_up, not_found, reading
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.row import Home, Row, Setting, Work
from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.cloudformation.tags import retag, tag_property

_SUFFIX_ALPHABET = string.ascii_uppercase + string.digits
_SUFFIX_LENGTH = 12
_PLAIN = (str, int, float)


@dataclass
class Physical:
    """What is known about a resource that exists."""

    physical_id: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    masked: bool = False


@dataclass(frozen=True)
class Driver:
    """Works for one stack, with the clients of the identity that deploys it."""

    clients: Callable[[str], Any]
    account: str
    region: str
    stack_name: str
    home: Home

    def create(self, row: Row, logical_id: str, properties: Mapping[str, Any], physical: Physical) -> None:
        named = self._named(row, logical_id, properties)
        work = self._work(row, logical_id, named, {}, "create")
        is_named = row.name is None or properties.get(row.name.property)
        if is_named and found(work) is not None:
            raise NothingDoneError(already_exists(work))
        self._refuse_if_owned(row, work)
        physical.properties, physical.facts = work.properties, work.facts
        if row.carry_out:
            _carry_out(row.carry_out, row, work, physical)
            return
        if row.create:
            parameters, uncarried = work.fit(row.create, _arguments(row, work))
            if uncarried:
                raise work.refusal(uncarried, row.create)
            work.learn(row.learns, work.send(row.create, parameters))
        physical.physical_id = work.fill(row.reference)
        for setting in row.settings:
            if not setting.created_with and set(setting.properties) & set(work.properties):
                setting.apply(work)
        self._finish(row, work, physical)

    def _refuse_if_owned(self, row: Row, work: Work) -> None:
        """No two stacks have the same resource, though a service may write over what there is.

        The words: https://github.com/aws-samples/eb-php-wordpress/issues/25
        """
        try:
            physical_id = work.fill(row.reference)
        except ResourceError:
            return
        if owner := self.home.owner(row.type_name, physical_id):
            raise NothingDoneError(f"{physical_id} already exists in stack {owner}")

    def exists(self, row: Row, logical_id: str, properties: Mapping[str, Any]) -> bool:
        return found(self._work(row, logical_id, properties, {}, "create")) is not None

    def take_over(
        self,
        row: Row,
        logical_id: str,
        properties: Mapping[str, Any],
        identifier: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> Physical:
        """An existing resource as one of the stack: it keeps its settings and gets the stack's tags."""
        work = self._work(row, logical_id, properties, identifier, "create")
        answer = found(work)
        if answer is None:
            raise ResourceError(not_found(work, identifier))
        work.learn(row.learns, answer)
        if row.tagging and tags:
            retag(work, row.tagging, None, tags)
        return Physical(work.fill(row.reference), work.properties, work.facts, _attributes(row, work))

    def update(self, row: Row, logical_id: str, properties: Mapping[str, Any], physical: Physical) -> None:
        """Changes the resource in place; `physical` then describes the new state."""
        named = {**_kept_name(row, physical.properties), **properties}
        work = self._work(row, logical_id, named, physical.facts, "update")
        work.previous, work.physical_id = physical.properties, physical.physical_id
        if row.carry_out:
            physical.properties = work.properties
            _carry_out(row.carry_out, row, work, physical)
            return
        try:
            self._change(row, work, physical.properties)
        except ResourceError as error:
            if work.sent:
                raise
            raise NothingDoneError(str(error)) from error
        physical.properties, physical.facts = work.properties, work.facts
        self._finish(row, work, physical)

    def _change(self, row: Row, work: Work, old: Mapping[str, Any]) -> None:
        named = work.properties
        changed = {name for name in {*old, *named} if old.get(name) != named.get(name)} - set(row.ignored)
        settings = [setting for setting in row.settings if changed & set(setting.properties)]
        by_call = changed - {name for setting in settings for name in setting.properties}
        tags = tag_property(row.type_name)
        if tags in by_call and row.tagging:
            by_call.discard(tags)
            retag(work, row.tagging, old.get(tags), named.get(tags))
        if by_call:
            self._update_by_api(row, work, by_call)
        for setting in settings:
            _apply_setting(work, setting)

    def _update_by_api(self, row: Row, work: Work, changed: set[str]) -> None:
        if row.update is None:
            raise ResourceError(
                f"{row.type_name}: the embedded AWS cannot change {', '.join(sorted(changed))} in place; "
                "extend the type's row in tools/local_aws/cloudformation/rows."
            )
        arguments = {**work.identity(row.update), **_arguments(row, work)}
        if row.update != row.create:
            self._refuse_left_out(row, work, changed)
        parameters, uncarried = work.fit(row.update, arguments)
        names = {row.renamed.get(name, name) for name in changed}
        lost = [path for path in uncarried if path.split(".")[0] in names]
        if lost:
            raise work.refusal(lost, row.update)
        work.learn(row.learns, work.send(row.update, parameters))

    @staticmethod
    def _refuse_left_out(row: Row, work: Work, changed: set[str]) -> None:
        stuck = sorted(name for name in changed if name not in work.properties)
        if stuck:
            raise ResourceError(
                f"{row.type_name}: {row.update} keeps the old value of {', '.join(stuck)} when it is left "
                "out; declare the new value instead of removing the property."
            )

    def delete(self, row: Row, logical_id: str, physical: Physical) -> None:
        """Deletes the resource; one that is gone already counts as deleted."""
        work = self._work(row, logical_id, physical.properties, physical.facts, "delete")
        work.physical_id = physical.physical_id
        try:
            if row.carry_out:
                row.carry_out(work)
            if row.before_delete:
                row.before_delete(work)
            if row.delete:
                work.call(row.delete)
            if row.settle_deletion:
                row.settle_deletion(work)
        except ClientError as error:
            if not is_gone(error):
                raise

    def read(self, row: Row, logical_id: str, physical: Physical) -> dict[str, tuple[Any, Any]] | None:
        """What is declared of the resource and what there is, by property; None when it is gone."""
        work = self._work(row, logical_id, physical.properties, physical.facts, "read")
        read = reading(work)
        try:
            answer, resource = look_up(work, read) if read else ({}, {})
            if answer is None:
                return None
            work.read_back |= _same_named(row, work.properties, resource)
            for check in row.checks:
                check(work)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return work.read_back

    def _finish(self, row: Row, work: Work, physical: Physical) -> None:
        if row.settle:
            row.settle(work)
        for check in row.checks:
            check(work)
        physical.attributes = _attributes(row, work)

    def _named(self, row: Row, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        if row.name is None or properties.get(row.name.property):
            return dict(properties)
        endings = [end for flag, end in row.name.endings.items() if as_text(properties.get(flag)) == "true"]
        ending = f"-{_suffix()}{''.join(endings)}"
        room = row.name.longest - len(ending)
        name = f"{f'{self.stack_name}-{logical_id}'[:room].rstrip('-')}{ending}"
        return {**properties, row.name.property: name.lower() if row.name.lower_case else name}

    def _work(
        self, row: Row, logical_id: str, properties: Mapping[str, Any], facts: Mapping[str, Any], phase: Any
    ) -> Work:
        known = {
            "account": self.account,
            "region": self.region,
            "stack": self.stack_name,
            "logical": logical_id,
            "suffix": _suffix(),
        }
        return Work(
            row=row,
            clients=self.clients,
            stack_name=self.stack_name,
            logical_id=logical_id,
            properties=dict(properties),
            facts={**known, **row.defaults, **facts, **properties},
            phase=phase,
            home=self.home,
        )


def _carry_out(carry_out: Callable[[Work], None], row: Row, work: Work, physical: Physical) -> None:
    """What a resource says of itself counts even where it then failed: its deletion needs the id."""
    try:
        carry_out(work)
    finally:
        physical.physical_id, physical.facts = work.physical_id, work.facts
    physical.attributes = {**_attributes(row, work), **work.attributes}
    physical.masked = work.masked


def _kept_name(row: Row, old: Mapping[str, Any]) -> dict[str, Any]:
    return {row.name.property: old[row.name.property]} if row.name and row.name.property in old else {}


def _arguments(row: Row, work: Work) -> dict[str, Any]:
    given = row.arguments(work) if row.arguments else dict(work.properties)
    elsewhere = set(row.ignored)
    for setting in row.settings:
        if not (setting.created_with and work.phase == "create"):
            elsewhere |= set(setting.properties)
    if work.phase == "update" and row.tagging:
        elsewhere.add(tag_property(row.type_name) or "")
    return {row.renamed.get(name, name): value for name, value in given.items() if name not in elsewhere}


def _same_named(
    row: Row, properties: Mapping[str, Any], resource: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Plain values that the resource tells under the name of their property, or one level below it."""
    inner = [item for item in resource.values() if isinstance(item, Mapping)]
    told = {str(name).lower(): value for part in [*inner, resource] for name, value in part.items()}
    names = {name: row.renamed.get(name, name).lower() for name in properties if name not in row.ignored}
    found = {name: (properties[name], told.get(member)) for name, member in names.items()}
    return {
        name: (declared, value)
        for name, (declared, value) in found.items()
        if all(isinstance(item, _PLAIN) for item in (declared, value))
        # KMS tells the id of a key whose ARN is declared, IAM a URL without its scheme.
        and not str(declared).endswith(f"/{value}")
    }


def _apply_setting(work: Work, setting: Setting) -> None:
    if set(setting.properties) & set(work.properties):
        setting.apply(work)
    elif setting.remove:
        setting.remove(work)
    else:
        raise ResourceError(
            f"{work.row.type_name}: the embedded AWS cannot take {', '.join(setting.properties)} away from "
            "an existing resource; declare the value it should have instead."
        )


def _attributes(row: Row, work: Work) -> dict[str, Any]:
    schema = resource_schema(row.type_name)
    names = set(schema.properties) if schema else set()
    attributes = {name: value for name, value in work.facts.items() if name in names}
    return attributes | {name: work.fill(text) for name, text in row.attributes.items()}


def _suffix() -> str:
    return "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(_SUFFIX_LENGTH))
