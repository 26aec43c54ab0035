"""Crawlers that crawl: they read the header of CSV files and write a table, with their own role.

Moto starts a crawler and never looks at the data.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.glue.roles import assume
from tools.local_aws.glue.tables import CrawlError, crawl_target

_UPDATABLE = {
    "Role": "role",
    "DatabaseName": "database_name",
    "Description": "description",
    "Targets": "targets",
    "Schedule": "schedule",
    "Classifiers": "classifiers",
    "TablePrefix": "table_prefix",
    "SchemaChangePolicy": "schema_change_policy",
    "RecrawlPolicy": "recrawl_policy",
    "LineageConfiguration": "lineage_configuration",
    "Configuration": "configuration",
    "CrawlerSecurityConfiguration": "crawler_security_configuration",
}

log = logging.getLogger(__name__)


def checking_first(context: Context, operation: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check_and_call(response: Any) -> Any:
        given = response.parameters
        if "Role" in given:
            assume(context, given["Role"], "glue", "InvalidInputException")
        security = given.get("CrawlerSecurityConfiguration")
        if security and security not in response.glue_backend.security_configurations:
            raise ApiError("InvalidInputException", f"Security configuration {security} not found.")
        return operation(response)

    return check_and_call


def update_crawler(response: Any) -> ActionResult:
    crawler = response.glue_backend.get_crawler(response.parameters["Name"])
    if crawler.status != "READY":
        raise ApiError("CrawlerRunningException", f"Crawler {crawler.name} is running.")
    for member, attribute in _UPDATABLE.items():
        if member in response.parameters:
            setattr(crawler, attribute, response.parameters[member])
    crawler.version += 1
    crawler.last_updated = utcnow()
    return EmptyResult()


def not_while_running(delete: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def delete_idle(backend: Any, name: str) -> None:
        if backend.get_crawler(name).status != "READY":
            raise ApiError("CrawlerRunningException", f"Crawler {name} is running.")
        delete(backend, name)

    return delete_idle


def starting_a_crawl(context: Context, start: Callable[[Any], None]) -> Callable[[Any], None]:
    def start_crawl(crawler: Any) -> None:
        start(crawler)
        threading.Thread(
            target=_crawl,
            args=(context, crawler, crawler.crawls[-1]),
            daemon=True,
            name=f"crawl {crawler.name}",
        ).start()

    return start_crawl


def _crawl(context: Context, crawler: Any, crawl: Any) -> None:
    try:
        credentials = assume(context, crawler.role, "glue", "InvalidInputException")
        s3, glue = context.client("s3", credentials), context.client("glue", credentials)
        for target in crawler.targets["S3Targets"]:
            crawl_target(s3, glue, crawler, target["Path"])
        crawl.status = "COMPLETED"
    except (ApiError, CrawlError, ClientError, BotoCoreError) as error:
        log.warning("Crawler %s failed: %s", crawler.name, error)
        crawl.failure = str(error)
        crawl.status = "FAILED"
    crawl.end_time = utcnow()


def with_its_failure(as_dict: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    # Moto says COMPLETED in LastCrawl too, where the API says SUCCEEDED, and gives no reasons.
    def described(crawler: Any) -> dict[str, Any]:
        data = as_dict(crawler)
        last = data.get("LastCrawl")
        if last:
            status = last.pop("Status")
            if status in ("COMPLETED", "FAILED"):
                last["Status"] = "SUCCEEDED" if status == "COMPLETED" else "FAILED"
            if failure := getattr(crawler.crawls[-1], "failure", None):
                last["ErrorMessage"] = failure
        return data

    return described
