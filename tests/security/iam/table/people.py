"""What people may do: the data engineer brings data, the data scientist trains, the MLOps engineer approves."""

from tests.security.iam.rows import may, never

ROWS = [
    *may("data-engineer", "s3:GetObject s3:PutObject", ["{data}/raw/house-prices/houses.csv"], "data engineers deliver"),
    *never("data-scientist", "s3:GetObject", "{data}/raw/house-prices/houses.csv", "raw data are the data engineer's"),
]
