"""Glue, Athena and DataBrew: what moto lacks of them, or takes too lightly."""

import moto.databrew.urls
from moto.athena.responses import AthenaResponse
from moto.databrew.models import FakeProfileJob, FakeRecipeJob
from moto.databrew.responses import DataBrewResponse
from moto.glue.models import FakeConnection, FakeCrawl, FakeCrawler, FakeJob, FakeJobRun, GlueBackend
from moto.glue.responses import GlueResponse

from tools.local_aws.context import Context
from tools.local_aws.glue import athena, connections, crawlers, data_quality, databrew, jobs


def install(context: Context) -> None:
    _repair_crawlers(context)
    _repair_jobs(context)
    GlueResponse.create_data_quality_ruleset = data_quality.create_ruleset
    GlueResponse.get_data_quality_ruleset = data_quality.get_ruleset
    GlueResponse.update_data_quality_ruleset = data_quality.update_ruleset
    GlueResponse.delete_data_quality_ruleset = data_quality.delete_ruleset
    GlueResponse.list_data_quality_rulesets = data_quality.list_rulesets
    AthenaResponse.get_work_group = athena.of_existing(AthenaResponse.get_work_group)
    AthenaResponse.update_work_group = athena.update_work_group
    AthenaResponse.start_query_execution = athena.refuse_queries
    _repair_databrew(context)


def _repair_crawlers(context: Context) -> None:
    GlueResponse.create_crawler = crawlers.checking_first(context, GlueResponse.create_crawler)
    GlueResponse.update_crawler = crawlers.checking_first(context, crawlers.update_crawler)
    # A crawl ends when it has ended, not when somebody asks for its state.
    FakeCrawl.advance = lambda _: None
    FakeCrawler.start_crawler = crawlers.starting_a_crawl(context, FakeCrawler.start_crawler)
    FakeCrawler.as_dict = crawlers.with_its_failure(FakeCrawler.as_dict)
    GlueBackend.delete_crawler = crawlers.not_while_running(GlueBackend.delete_crawler)


def _repair_jobs(context: Context) -> None:
    GlueResponse.create_job = jobs.checked(context, GlueResponse.create_job)
    GlueResponse.update_job = jobs.update_job(context)
    # A run ends when its script has ended, not when somebody asks for its state.
    FakeJobRun.advance, FakeJobRun.status = (lambda _: None), jobs.STATE_OF_A_RUN
    FakeJobRun.as_dict = jobs.described(FakeJobRun.as_dict)
    FakeJob.start_job_run = jobs.starting_a_run(context, FakeJob.start_job_run)
    GlueResponse.create_connection = connections.checked(GlueResponse.create_connection)
    FakeConnection.as_dict = connections.described(FakeConnection.as_dict)
    GlueResponse.update_connection = connections.update_connection
    GlueResponse.delete_connection = connections.delete_connection


def _repair_databrew(context: Context) -> None:
    responses = DataBrewResponse
    responses.create_profile_job = databrew.checking_first(context, responses.create_profile_job)
    responses.create_recipe_job = databrew.checking_first(context, responses.create_recipe_job)
    # Moto forgets these members of a job, its key among them.
    FakeProfileJob.local_attrs += ["encryption_key_arn", "job_sample", "timeout"]
    FakeRecipeJob.local_attrs += ["encryption_key_arn", "timeout"]
    responses.delete_dataset = databrew.refusing_used_datasets(responses.delete_dataset)
    responses.tag_resource = databrew.tag
    responses.untag_resource = databrew.untag
    responses.list_tags_for_resource = databrew.list_tags
    # The other paths of the API reach moto too, which then says which operation is missing.
    moto.databrew.urls.url_paths = {
        **moto.databrew.urls.url_paths,
        "{0}/tags/(?P<arn>.+)$": responses.dispatch,
        "{0}/jobs/(?P<name>[^/]+)/(?P<more>.+)$": responses.dispatch,
        "{0}/(projects|schedules)(?P<more>.*)$": responses.dispatch,
    }
