"""Differences of resources as findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tools.review.differences import TAGS, Difference, Event
from tools.review.findings import Finding, Kind, Verdict, neutral
from tools.review.leaves import Change, changes, shown
from tools.review.network import opened_groups
from tools.review.replacement import ENDPOINTS, is_retained, is_stateful, own_name
from tools.review.rules import GUARDING_TYPES, OPENING_TYPES, kind_of
from tools.review.stacks import Json, Stack

_LISTED = 6
# What is compared statement by statement, role by role, or rule by rule elsewhere.
_RULES_OF_GROUPS = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")


def inspect(difference: Difference) -> Iterator[Finding]:
    """The findings of one resource; of its policies they come from `permissions`."""
    match difference.event:
        case Event.ADDED:
            yield _finding(difference, _kind_of_added(difference), "added")
        case Event.REMOVED:
            yield _finding(difference, _kind_of_gone(difference, Kind.REMOVED), _words_of_removal(difference))
        case Event.RENAMED | Event.REPLACED:
            kind = _kind_of_gone(difference, Kind.REPLACED)
            yield _finding(difference, kind, _words_of_replacement(difference))
            yield from _of_changes(difference)
        case Event.CHANGED:
            yield from _of_changes(difference)


def _finding(difference: Difference, kind: Kind, text: str) -> Finding:
    what = f"{difference.stack.place}/{difference.was or difference.logical_id} {difference.event.value}"
    is_destructive = kind.verdict is Verdict.DESTRUCTIVE
    return Finding(kind, difference.stack.place, difference.subject, text, what if is_destructive else "")


def _kind_of_added(difference: Difference) -> Kind:
    return Kind.NETWORK if OPENING_TYPES.search(difference.type) else Kind.ADDED


def _kind_of_gone(difference: Difference, otherwise: Kind) -> Kind:
    if difference.type in ENDPOINTS:
        return Kind.ENDPOINT
    if is_stateful(difference.type):
        return Kind.DATA
    is_guarding = GUARDING_TYPES.search(difference.type) and difference.event is Event.REMOVED
    return Kind.PROTECTION if is_guarding else otherwise


def _words_of_removal(difference: Difference) -> str:
    if difference.type in ENDPOINTS:
        return "removed: requests fail from then on"
    if is_retained(difference.before, "DeletionPolicy"):
        return "removed from the stack; it stays in the account, and nobody manages it"
    if is_stateful(difference.type):
        return "removed, with what it holds"
    return "removed"


def _words_of_replacement(difference: Difference) -> str:
    words = f"renamed to {difference.logical_id}: " if difference.event is Event.RENAMED else ""
    words += "replaced" if difference.is_certain else "perhaps replaced"
    if difference.because_of:
        words += f" because of {', '.join(difference.because_of)}"
    is_kept = is_retained(difference.before, "UpdateReplacePolicy")
    if difference.event is Event.RENAMED:
        is_kept = is_retained(difference.before, "DeletionPolicy")
    if is_kept:
        words += "; the old one stays in the account"
        words += ", the new one is empty" if is_stateful(difference.type) else ""
    elif is_stateful(difference.type):
        words += "; what the old one holds is deleted"
    name = own_name(difference.type, difference.after.get("Properties", {}))
    if name and name == own_name(difference.type, difference.before.get("Properties", {})):
        words += f". Its name, {'/'.join(map(shown, name))}, is taken: the deployment fails before"
    return words


def _of_changes(difference: Difference) -> Iterator[Finding]:
    by_kind: dict[Kind, list[Change]] = defaultdict(list)
    for change in difference.changes:
        if not _is_told_elsewhere(difference, change):
            by_kind[kind_of(difference.after, change)].append(change)
    for change in by_kind.pop(Kind.MODEL, []):
        yield _of_version(difference.stack, *(_last_part(value) for value in (change.before, change.after)))
    for kind, found in by_kind.items():
        yield Finding(kind, difference.stack.place, difference.subject, _listed(found))
    is_told = any(not _is_told_elsewhere(difference, change) for change in difference.changes)
    if not is_told and not difference.tags and difference.event is Event.CHANGED:
        kind, text = _of_what_is_left(difference)
        yield Finding(kind, difference.stack.place, difference.subject, text)


def _is_told_elsewhere(difference: Difference, change: Change) -> bool:
    if difference.type == "AWS::EC2::SecurityGroup":
        return change.path.startswith(("SecurityGroupIngress", "SecurityGroupEgress"))
    is_policy = ".Statement" in change.path or change.path in ("PolicyDocument", "PermissionsBoundary")
    return is_policy or difference.type in _RULES_OF_GROUPS


def _of_what_is_left(difference: Difference) -> tuple[Kind, str]:
    before, after = difference.before, difference.after
    if before.get("Properties") != after.get("Properties"):
        what = "rules of the group" if "SecurityGroup" in difference.type else "statements of its policy"
        return Kind.CHANGED, f"{what} are others; where they allow more, that is told above"
    return Kind.TEXTS, "its metadata, or what it waits for, is another one"


def inspect_tags(differences: Iterable[Difference]) -> Iterator[Finding]:
    """One text for equal tags of all resources: how many, and which of them it replaces."""
    alike: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in differences:
        if difference.event not in (Event.ADDED, Event.REMOVED):
            for change in difference.tags:
                text = neutral(f"{shown(change.before)} → {shown(change.after)}", difference.stack)
                alike[change.path, text].append(difference)
    for (key, text), tagged in alike.items():
        replaced = [each.subject for each in tagged if set(each.because_of) & set(TAGS)]
        text += f" on {len(tagged)} resources"
        text += f"; replaces {', '.join(dict.fromkeys(replaced))}" if replaced else "; replaces nothing"
        for difference in tagged:
            yield Finding(Kind.TEXTS, difference.stack.place, f"tag {key}", text)


def _listed(found: list[Change]) -> str:
    more = f"; and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return "; ".join(str(change) for change in found[:_LISTED]) + more


def inspect_stack(before: Stack | None, after: Stack | None) -> Iterator[Finding]:
    """What is not about one resource: groups, versions, parameters, protection of the stack itself."""
    if before and not after:
        held = sorted({body["Type"] for body in before.resources.values() if is_stateful(body["Type"])})
        text = "leaves the app and stays deployed, until somebody destroys it"
        text += f"; it holds data: {', '.join(held)}" if held else ""
        yield Finding(Kind.REMOVED, before.place, "the stack", text)
    if before is None or after is None or before is after:
        return
    yield from opened_groups(before, after)
    if before.is_protected and not after.is_protected:
        yield Finding(Kind.PROTECTION, after.place, "the stack", "termination protection: on → off")
    for section in ("Parameters", "Conditions", "Mappings", "Rules"):
        old, new = before.template.get(section, {}), after.template.get(section, {})
        yield from _of_section(after, section, old, new)
    for change in changes(before.template.get("Outputs"), after.template.get("Outputs")):
        if not change.path.startswith("ExportsOutput"):
            yield _of_output(after, change)
    for change in changes(before.template.get("Description"), after.template.get("Description")):
        yield Finding(Kind.TEXTS, after.place, "the stack", f"description: {change}")


def _of_section(stack: Stack, section: str, before: Json, after: Json) -> Iterator[Finding]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            text = f"{name} {'added' if name in after else 'removed'}"
            yield Finding(Kind.CHANGED, stack.place, section, text)
        else:
            for change in changes(before[name], after[name], name):
                yield Finding(Kind.CHANGED, stack.place, section, str(change))


def _of_output(stack: Stack, change: Change) -> Finding:
    name, _, _ = change.path.partition(".")
    if name == "DeployedModelVersion":
        return _of_version(stack, change.before, change.after)
    return Finding(Kind.TEXTS, stack.place, "outputs", str(change))


def _of_version(stack: Stack, before: Any, after: Any) -> Finding:
    return Finding(Kind.MODEL, stack.place, stack.use_case, f"{_latest(before)} → {_latest(after)}")


def _last_part(arn: Any) -> Any:
    return arn.rpartition("/")[2] if isinstance(arn, str) else arn


def _latest(version: Any) -> str:
    return "the newest approved version" if version == "${ModelVersion}" else f"version {shown(version)}"
