"""Stands for the container image `sagemaker-model-monitor-analyzer`: baselines and data quality checks.

It reads and writes the files that Model Monitor documents and takes the same environment variables. What the
image does not document, it takes from Deequ, the library the image is built on: the types of values, when a
text column has a domain, and the robust distance of two distributions. It differs in one thing that shows:
numbers with an exponent are numbers here, and text there.
"""
