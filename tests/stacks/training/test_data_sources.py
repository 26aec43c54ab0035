"""Sources of raw data: another account's bucket, Redshift, EMR."""

from config.settings import EmrSource, RedshiftSource
from stacks.training.data_sources import emr_step, unload_statement
from tests.stacks.cloud import Cloud
from tests.stacks.synthesis import PRIVATE

TARGET = "s3://data/raw/house-prices/<delivery>/"


def test_the_input_of_an_execution_is_a_delivery_in_the_other_bucket(sample: Cloud) -> None:
    value = sample.stack(f"data-{PRIVATE}-training").section("Outputs")["Delivery"]["Value"]
    assert value == "InputData=s3://land-registry/sales/prices/<delivery>/"


def test_redshift_unloads_csv_with_a_header_and_the_key_of_the_environment() -> None:
    source = RedshiftSource(
        cluster_id="warehouse",
        database="sales",
        user="reader",
        query="SELECT * FROM prices WHERE kind = 'house';",
        cluster_role_arn="arn:aws:iam::111111111111:role/warehouse",
    )
    assert unload_statement(source, target=TARGET, key_arn="arn:aws:kms:us-east-1:1:key/k") == (
        "UNLOAD ('SELECT * FROM prices WHERE kind = ''house''') TO 's3://data/raw/house-prices/<delivery>/' "
        "IAM_ROLE 'arn:aws:iam::111111111111:role/warehouse' KMS_KEY_ID 'arn:aws:kms:us-east-1:1:key/k' "
        "ENCRYPTED FORMAT CSV HEADER EXTENSION 'csv'"
    )


def test_emr_runs_the_script_with_the_delivery_as_its_last_argument() -> None:
    source = EmrSource(
        cluster_id="j-1ABCDEFGHIJKL", script="s3://code/prices.py", arguments=("--year", "2026")
    )
    request = emr_step(source, target=TARGET)
    (step,) = request["Steps"]
    assert request["JobFlowId"] == "j-1ABCDEFGHIJKL"
    assert step["HadoopJarStep"]["Args"][-4:] == ["s3://code/prices.py", "--year", "2026", TARGET]
