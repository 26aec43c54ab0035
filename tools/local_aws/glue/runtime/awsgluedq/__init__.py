"""What Glue's library of data quality is to a script of a job."""
