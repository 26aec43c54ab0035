"""What Glue's own library is to a script of a job: contexts, frames and options, on plain Spark."""
