"""What calls to Glue are about: the catalog above the database above the table, or something with a name.

Source: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
"""

import re
from collections.abc import Mapping
from typing import Any

_NAMED = {
    "Crawler": ("crawler", ("Name", "CrawlerName")),
    "DataQualityRuleset": ("dataQualityRuleset", ("Name",)),
}
_CATALOG_OPERATION = re.compile(
    r"^(?:Batch)?(?:Create|Get|Update|Delete)(?P<noun>Database|Table|TableVersion|Partition|PartitionIndex)e?s?$"
)
_NAMED_OPERATION = re.compile(
    r"^(?:Create|Get|Update|Delete|Start|Stop)(?P<noun>Crawler|DataQualityRuleset)$"
)


def glue_resources(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """The resources of a call, as they stand in ARNs; none when the call is about no resource."""
    if named := _NAMED_OPERATION.match(operation):
        kind, members = _NAMED[named["noun"]]
        name = next((parameters[member] for member in members if parameters.get(member)), "*")
        return [f"{kind}/{name}"]
    found = _CATALOG_OPERATION.match(operation)
    if found is None:
        return []
    return ["catalog", *_below_the_catalog(found["noun"], parameters)]


def _below_the_catalog(noun: str, parameters: Mapping[str, Any]) -> list[str]:
    if noun == "Database":
        name = parameters.get("Name") or parameters.get("DatabaseInput", {}).get("Name") or "*"
        return [f"database/{name}"]
    database = parameters.get("DatabaseName", "*")
    table = (
        parameters.get("TableName") or parameters.get("Name") or parameters.get("TableInput", {}).get("Name")
    )
    several = parameters.get("TablesToDelete") or [table or "*"]
    return [f"database/{database}", *(f"table/{database}/{name}" for name in several)]
