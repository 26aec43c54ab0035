#!/usr/bin/env bash
# Sets this folder up: a virtual environment, Node where the machine has none that is new enough, the CDK CLI.
set -euo pipefail

NODE_MINIMUM=22
IMAGE_PYTHON=3.12

say() { printf '%s\n' "$*" >&2; }

# Locked lists only: what is not in one of them, or has another hash, is not installed (docs/delivery.md).
LOCKED=(--quiet --require-hashes)
WHEELS=(--only-binary :all:)

# pip brings uv, which downloads, unpacks and compiles on all cores.
setup_uv() {
  "$VENV/bin/python" -m pip install --disable-pip-version-check "${LOCKED[@]}" "${WHEELS[@]}" -r requirements/uv.txt
  # An index of one's own is told to pip; uv does not read pip's configuration.
  local index
  index=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
  if [ -n "$index" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
  export UV_SYSTEM_CERTS=true UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180}
}

install_uncompiled() {
  local python=$1
  shift
  "$VENV/bin/uv" pip install --python "$python" "${LOCKED[@]}" "$@"
}

# The embedded AWS's jobs cannot compile later.
install() { install_uncompiled "$@" --compile-bytecode; }

install_wheels() { install "$@" "${WHEELS[@]}"; }

# All but the CDK, which is most of what there is: the services that are used compile when first imported.
compile() {
  "$VENV/bin/python" -m compileall -q -j 0 -x 'site-packages/aws_cdk/' "$VENV/lib" || say "Not everything is compiled: jobs of the embedded AWS start later"
}

check_python() {
  command -v "$1" >/dev/null || { say "No '$1' on this machine: install Python 3.11, 3.12 or 3.13, or say make PYTHON=/path/to/python3"; exit 1; }
  "$1" - <<'PYTHON' || { say "'$1' is not usable: Python 3.11 to 3.13 with venv is needed; say make PYTHON=/path/to/python3"; exit 1; }
import sys, venv, ensurepip
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_MINIMUM" ]
}

setup_python() {
  check_python "$1"
  [ -x "$VENV/bin/python" ] || { say "Creating the virtual environment in $VENV"; "$1" -m venv "$VENV"; }
  say "Installing the Python packages (a minute or two the first time)"
  setup_uv
  install_uncompiled "$VENV/bin/python" "${WHEELS[@]}" -r "$2"
  compile
  if ! node_is_new_enough; then
    say "Installing Node into $VENV: this machine has none of version $NODE_MINIMUM or newer"
    install_wheels "$VENV/bin/python" -r requirements/node.txt
  fi
}

setup_cdk() {
  say "Installing the CDK CLI and the IAM engine of the tests"
  npm ci --loglevel=error --no-audit --no-fund
}

setup_checkov() {
  say "Installing checkov"
  setup_uv
  "$VENV/bin/python" -m venv --without-pip "$VENV/checkov"
  install_wheels "$VENV/checkov/bin/python" -r requirements/checkov.txt
  ln -sf ../checkov/bin/checkov "$VENV/bin/checkov"
}

find_python_of_image() {
  local candidate
  for candidate in python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12; do
    "$candidate" -c 'import ensurepip, venv' 2>/dev/null && { echo "$candidate"; return; }
  done
  say "Installing Python $IMAGE_PYTHON, which AWS's image has: this machine has none"
  "$VENV/bin/uv" python install --quiet "$IMAGE_PYTHON"
  "$VENV/bin/uv" python find "$IMAGE_PYTHON"
}

setup_image() {
  local python
  setup_uv
  python=$(find_python_of_image)
  say "Installing the libraries of AWS's image, for the tests that serve with AWS's own code"
  "$python" -m venv "$VENV/image"
  install_wheels "$VENV/image/bin/python" -r requirements/build.txt
  # Some of them have no wheel.
  install "$VENV/image/bin/python" --no-deps --no-build-isolation -r requirements/image.txt
  # AWS's Dockerfile does the same: newer versions of Python have the class elsewhere.
  sed -i 's/collections\.Mapping/collections.abc.Mapping/' "$VENV"/image/lib/python*/site-packages/sagemaker_containers/_mapping.py
}

setup_sdk() {
  say "Installing the SageMaker Python SDK and smclarify"
  setup_uv
  rm -rf "$VENV/sdk"
  install_wheels "$VENV/bin/python" --no-deps --target "$VENV/sdk" -r requirements/sdk.txt
}

setup_spark() {
  say "Installing Spark and a Java, for the tests that prepare a table on several machines"
  setup_uv
  rm -rf "$VENV/spark"
  # AWS's image has the same Python as its other one; PySpark has no wheel.
  install "$VENV/image/bin/python" --no-deps --no-build-isolation --target "$VENV/spark" -r requirements/spark.txt
}

setup_mlflow() {
  say "Installing MLflow's server"
  setup_uv
  rm -rf "$VENV/mlflow"
  install_wheels "$VENV/bin/python" --no-deps --target "$VENV/mlflow" -r requirements/mlflow.txt
}

setup_docs() {
  say "Installing what makes a site of docs/"
  setup_uv
  "$VENV/bin/python" -m venv --without-pip --clear "$VENV/docs"
  install_wheels "$VENV/docs/bin/python" -r requirements/docs.txt
  cp requirements/docs/package.json requirements/docs/package-lock.json "$VENV/docs"
  (cd "$VENV/docs" && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts)
}

setup_maintenance() {
  setup_uv
  "$VENV/bin/python" -m venv --without-pip "$VENV/maintenance"
  install_wheels "$VENV/maintenance/bin/python" -r requirements/maintenance.txt
}

doctor() {
  check_python "$1"
  say "Python: $("$1" --version)"
  if node_is_new_enough; then say "Node: $(node --version)"; else say "Node: none of version $NODE_MINIMUM or newer; setup installs one into the virtual environment"; fi
  if command -v cdk >/dev/null; then say "CDK CLI: $(cdk --version)"; else say "CDK CLI: not installed yet; make setup"; fi
  say "Free disk: $(df -h . | awk 'NR == 2 {print $4}') (setup needs about 2 GB)"
}

VENV=${2:-}
case "${1:-}" in
  python) setup_python "$3" requirements/dev.txt ;;
  deploy) setup_python "$3" requirements/deploy.txt ;;
  cdk) setup_cdk ;;
  checkov) setup_checkov ;;
  image) setup_image ;;
  sdk) setup_sdk ;;
  mlflow) setup_mlflow ;;
  spark) setup_spark ;;
  docs) setup_docs ;;
  maintenance) setup_maintenance ;;
  doctor) doctor "$3" ;;
  *) say "usage: setup.sh python VENV PYTHON | deploy VENV PYTHON | cdk | checkov VENV | docs VENV | image VENV | mlflow VENV | sdk VENV | spark VENV | maintenance VENV | doctor VENV PYTHON"; exit 2 ;;
esac
