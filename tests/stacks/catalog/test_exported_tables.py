"""A table of DynamoDB in the catalog: nothing there speaks of columns that its exports do not have."""

from pathlib import Path

from config.settings import DynamodbSource, Environment, Settings, Source
from tests.stacks.synthesis import synthesized


def test_an_exported_table_has_training_rows_and_nothing_about_raw_columns(
    sample_settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    source = Source(dynamodb=DynamodbSource(table="sales"))
    use_case = sample_settings.use_cases["house-prices"].model_copy(update={"source": source})
    settings = sample_settings.model_copy(update={"use_cases": {"house-prices": use_case}})
    catalog = synthesized(settings, tmp_path, dev).stack("dev-house-prices-catalog")
    found = {resource.type for resource in catalog.resources}
    assert "AWS::Glue::Table" in found
    assert not {name for name in found if "DataBrew" in name or name.endswith(("Crawler", "Ruleset"))}
