"""Differences of resources as findings."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.review.differences import TAGS, Difference, Event
from tools.review.findings import Finding, Home, Kind, Verdict, neutral
from tools.review.leaves import ABSENT, Change, changes, shown
from tools.review.network import opened_groups
from tools.review.replacement import ENDPOINTS, is_retained, is_stateful, own_name
from tools.review.rules import GUARDING_TYPES, OPENING_TYPES, kind_of, kind_of_type
from tools.review.scaling import refused_types
from tools.review.stacks import Json, Stack, Stacks

# What is compared statement by statement, role by role, or rule by rule elsewhere.
_TAG_OF_A_POLICY = re.compile(r"(?i)\b(?:Resource|Principal)Tag/([\w.:/=+@-]+)")
_SECTIONS = ("Parameters", "Conditions", "Mappings", "Rules")
# What CloudFormation runs over a template is not in the template.
_REWRITING = ("Transform", "Hooks")
_VERSION = re.compile(r"(?P<of>.*/)(?P<number>\d+)(?P<file>/[\w.]+)?")
_RULES_OF_GROUPS = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")


def inspect(difference: Difference) -> Iterator[Finding]:
    """The findings of one resource; of its policies they come from `permissions`."""
    match difference.event:
        case Event.ADDED:
            kind = _kind_of_added(difference)
            yield _finding(difference, kind, "added" if kind is Kind.ADDED else _words_of_opening(difference))
        case Event.REMOVED:
            yield _finding(difference, _kind_of_gone(difference, Kind.REMOVED), _words_of_removal(difference))
        case Event.RENAMED | Event.REPLACED:
            kind = _kind_of_gone(difference, Kind.REPLACED)
            yield _finding(difference, kind, _words_of_replacement(difference))
            yield from _of_changes(difference)
        case Event.CONDITIONAL:
            kind = _kind_of_gone(difference, Kind.REMOVED)
            yield _finding(difference, kind, _words_of_condition(difference))
            yield from _of_changes(difference)
        case Event.CHANGED:
            yield from _of_changes(difference)


def _finding(difference: Difference, kind: Kind, text: str) -> Finding:
    what = f"{difference.stack.place}/{difference.was or difference.logical_id} {difference.event.value}"
    is_destructive = kind.verdict is Verdict.DESTRUCTIVE
    return Finding(kind, difference.stack.place, difference.subject, text, what if is_destructive else "")


def _kind_of_added(difference: Difference) -> Kind:
    return kind_of_type(difference.type, OPENING_TYPES) or Kind.ADDED


def _words_of_opening(difference: Difference) -> str:
    found = changes(
        {}, {key: value for key, value in difference.after.get("Properties", {}).items() if key not in TAGS}
    )
    told = ", ".join(f"{change.path} {shown(change.after)}" for change in found)
    return f"added: {told}" if told else "added"


def _kind_of_gone(difference: Difference, otherwise: Kind) -> Kind:
    if difference.type in ENDPOINTS:
        return Kind.ENDPOINT
    if is_stateful(difference.type):
        return Kind.DATA
    goes = difference.event in (Event.REMOVED, Event.CONDITIONAL)
    is_guarding = GUARDING_TYPES.search(difference.type) and goes
    return Kind.PROTECTION if is_guarding else otherwise


def _words_of_removal(difference: Difference) -> str:
    if difference.type in ENDPOINTS:
        return "removed: requests fail from then on"
    if is_retained(difference.before, "DeletionPolicy"):
        return "removed from the stack; it stays in the account, and nobody manages it"
    if is_stateful(difference.type):
        return "removed, with what it holds"
    return "removed"


def _words_of_condition(difference: Difference) -> str:
    words = f"goes where its condition does not hold ({difference.after['Condition']})"
    if is_retained(difference.after, "DeletionPolicy") and is_retained(difference.before, "DeletionPolicy"):
        return f"{words}; it stays in the account then, and nobody manages it"
    return f"{words}, with what it holds" if is_stateful(difference.type) else words


def _words_of_replacement(difference: Difference) -> str:
    if difference.before["Type"] != difference.after["Type"]:
        holds = ", with what it holds" if is_stateful(difference.type) else ""
        return f"becomes a {difference.after['Type']}: CloudFormation refuses that, or it is removed{holds}"
    words = f"renamed to {difference.logical_id}: " if difference.event is Event.RENAMED else ""
    words += "replaced" if difference.is_certain else "perhaps replaced"
    if difference.because_of:
        words += f" because of {', '.join(difference.because_of)}"
    is_kept = all(is_retained(each, "UpdateReplacePolicy") for each in (difference.before, difference.after))
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
        yield _of_version(difference.stack, change.before, change.after)
    for kind, found in by_kind.items():
        text = "; ".join(str(change) for change in found if not _is_of_condition(difference, change))
        if text:
            yield Finding(kind, difference.stack.place, difference.subject, text)
    if difference.event is not Event.CHANGED:
        return
    if any(_is_told_elsewhere(difference, change) for change in difference.changes):
        what = "rules of the group" if "SecurityGroup" in difference.type else "statements of its policy"
        text = f"{what} are others; where they allow more, that is told above"
        yield Finding(Kind.CHANGED, difference.stack.place, difference.subject, text)
    elif not difference.changes and not difference.tags:
        kind, text = _of_what_is_left(difference)
        yield Finding(kind, difference.stack.place, difference.subject, text)


def _is_of_condition(difference: Difference, change: Change) -> bool:
    return difference.event is Event.CONDITIONAL and change.path == "Condition"


def _is_told_elsewhere(difference: Difference, change: Change) -> bool:
    if difference.type == "AWS::EC2::SecurityGroup":
        return change.path.startswith(("SecurityGroupIngress", "SecurityGroupEgress"))
    is_policy = ".Statement" in f".{change.path}" or change.path in ("PolicyDocument", "PermissionsBoundary")
    return is_policy or difference.type in _RULES_OF_GROUPS


def _of_what_is_left(difference: Difference) -> tuple[Kind, str]:
    if difference.before.get("Properties") != difference.after.get("Properties"):
        return Kind.CHANGED, "it is written in another way"
    return Kind.TEXTS, "its metadata, or what it waits for, is another one"


def inspect_tags(
    differences: Iterable[Difference], stacks: Stacks, homes: Mapping[str, Home]
) -> Iterator[Finding]:
    """One text for equal tags of all resources: how many, and which of them it replaces."""
    asked = {key.lower() for stack in stacks.values() for key in _TAG_OF_A_POLICY.findall(stack.text)}
    alike: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in differences:
        if difference.event not in (Event.ADDED, Event.REMOVED):
            for change in difference.tags:
                text = f"{shown(change.before)} → {shown(change.after)}"
                home = homes.get(difference.stack.environment)
                alike[change.path, neutral(text, difference.stack, home)].append(difference)
    for (key, text), tagged in alike.items():
        replaced = [each.subject for each in tagged if set(each.because_of) & set(TAGS)]
        text += f" on {len(tagged)} resources"
        text += f"; replaces {', '.join(dict.fromkeys(replaced))}" if replaced else "; replaces nothing"
        is_asked = key.lower() in asked
        text += "; policies ask for this tag, so others may do something now" if is_asked else ""
        for difference in tagged:
            kind = Kind.PERMISSIONS if is_asked else Kind.TEXTS
            yield Finding(kind, difference.stack.place, f"tag {key}", text)


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
    yield from refused_types(before, after)
    if before.is_protected and after.is_protected is False:
        yield Finding(Kind.PROTECTION, after.place, "the stack", "termination protection: on → off")
    for section in _SECTIONS:
        old, new = before.template.get(section, {}), after.template.get(section, {})
        yield from _of_section(after, section, old, new)
    for section in _REWRITING:
        for change in changes(before.template.get(section), after.template.get(section), section):
            text = f"{change}; what it makes of the template, this review cannot see"
            yield Finding(Kind.PROTECTION, after.place, "the stack", text)
    for change in changes(before.template.get("Outputs"), after.template.get("Outputs")):
        yield from _of_output(after, change)
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


def _of_output(stack: Stack, change: Change) -> Iterator[Finding]:
    name, _, _ = change.path.partition(".")
    is_new = change.before is ABSENT
    if name == "DeployedModelVersion":
        yield _of_version(stack, change.before, change.after)
    elif not name.startswith("ExportsOutput"):
        is_text = is_new or change.path.endswith(".Description")
        yield Finding(Kind.TEXTS if is_text else Kind.CHANGED, stack.place, "outputs", str(change))
    elif not is_new and change.after is not ABSENT:
        yield Finding(Kind.CHANGED, stack.place, "what other stacks import", str(change))


def _of_version(stack: Stack, before: Any, after: Any) -> Finding:
    """Only the number, where nothing else differs."""
    left, right = (_VERSION.fullmatch(str(value)) for value in (before, after))
    if left and right and (left["of"], left["file"]) == (right["of"], right["file"]):
        before, after = left["number"], right["number"]
    is_older = all(str(each).isdecimal() for each in (before, after)) and int(after) < int(before)
    text = f"{_version(before)} → {_version(after)}{', an older one' if is_older else ''}"
    return Finding(Kind.MODEL, stack.place, stack.use_case, text)


def _version(version: Any) -> str:
    if version == "${ModelVersion}":
        return "the newest approved version"
    return f"version {'nothing' if version is ABSENT else version}"
