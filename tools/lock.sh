#!/usr/bin/env bash
# Renews the locked lists: every package with its version and hashes, for all supported versions of Python.
set -euo pipefail

UV=$1
compile() {
  local input=$1 output=$2
  shift 2
  "$UV" pip compile --quiet --upgrade --universal --generate-hashes --custom-compile-command "make lock" \
    --output-file "$output" "$@" "$input"
}

for list in build checkov dev docs maintenance node uv; do
  compile "requirements/$list.in" "requirements/$list.txt" --python-version 3.11 --only-binary :all:
done
# What synthesizes and what deploys has the versions that are tested.
compile requirements/synth.in requirements.txt --python-version 3.11 --only-binary :all: --constraints requirements/dev.txt
compile requirements/deploy.in requirements/deploy.txt --python-version 3.11 --only-binary :all: --constraints requirements/dev.txt
for list in mlflow sdk; do
  compile "requirements/$list.in" "requirements/$list.txt" --python-version 3.11 --only-binary :all: --no-deps
done
# Our own image adds these to AWS's; image/wheels has the files themselves, because nothing is downloaded while it is built.
compile image/requirements.in image/requirements.txt --python-version 3.12 --only-binary :all: --no-deps
rm -f image/wheels/*.whl
"$(dirname "$UV")/../../bin/python" -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
  --python-version 3.12 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --dest image/wheels --requirement image/requirements.txt
# Some libraries of AWS's image have no wheel.
compile requirements/image.in requirements/image.txt --python-version 3.12 --no-deps
compile requirements/spark.in requirements/spark.txt --python-version 3.12 --no-deps
