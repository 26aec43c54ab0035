#!/usr/bin/env bash
# Sets this folder up: a virtual environment, Node where the machine has none that is new enough, the CDK CLI.
set -euo pipefail

NODE_MINIMUM=22
IMAGE_PYTHON=3.12

say() { printf '%s\n' "$*" >&2; }

# Locked lists only: what is not in one of them, or has another hash, is not installed (docs/supply-chain.md).
install() {
  local python=$1
  shift
  # pip compiles on one core, which takes longer than the rest; jobs of the embedded AWS could not do it later.
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile "$@"
  # Some packages bring templates that look like modules and are none.
  "$python" -m compileall -qq -j 0 "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" || true
}

install_wheels() { install "$@" --only-binary :all:; }

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
  [ -x "$2/bin/python" ] || { say "Creating the virtual environment in $2"; "$1" -m venv "$2"; }
  say "Installing the Python packages (some minutes the first time)"
  install_wheels "$2/bin/python" -r "$3"
  if ! node_is_new_enough; then
    say "Installing Node into $2: this machine has none of version $NODE_MINIMUM or newer"
    install_wheels "$2/bin/python" -r requirements/node.txt
  fi
}

setup_cdk() {
  say "Installing the CDK CLI and the IAM engine of the tests"
  npm ci --loglevel=error --no-audit --no-fund
}

setup_checkov() {
  say "Installing checkov"
  "$1/bin/python" -m venv "$1/checkov"
  install_wheels "$1/checkov/bin/python" -r requirements/checkov.txt
  ln -sf ../checkov/bin/checkov "$1/bin/checkov"
}

find_python_of_image() {
  local candidate
  for candidate in python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12; do
    "$candidate" -c 'import ensurepip, venv' 2>/dev/null && { echo "$candidate"; return; }
  done
  say "Installing Python $IMAGE_PYTHON, which AWS's image has: this machine has none"
  install_wheels "$1/bin/python" -r requirements/uv.txt
  "$1/bin/uv" python install --quiet "$IMAGE_PYTHON"
  "$1/bin/uv" python find "$IMAGE_PYTHON"
}

setup_image() {
  local python
  python=$(find_python_of_image "$1")
  say "Installing the libraries of AWS's image, for the tests that serve with AWS's own code"
  "$python" -m venv "$1/image"
  install_wheels "$1/image/bin/python" -r requirements/build.txt
  install "$1/image/bin/python" --no-deps --no-build-isolation -r requirements/image.txt
  # AWS's Dockerfile does the same: newer versions of Python have the class elsewhere.
  sed -i 's/collections\.Mapping/collections.abc.Mapping/' "$1"/image/lib/python*/site-packages/sagemaker_containers/_mapping.py
}

setup_sdk() {
  say "Installing the SageMaker Python SDK and smclarify"
  rm -rf "$1/sdk"
  install_wheels "$1/bin/python" --no-deps --target "$1/sdk" -r requirements/sdk.txt
}

setup_maintenance() {
  "$1/bin/python" -m venv "$1/maintenance"
  install_wheels "$1/maintenance/bin/python" -r requirements/maintenance.txt
}

doctor() {
  check_python "$1"
  say "Python: $("$1" --version)"
  if node_is_new_enough; then say "Node: $(node --version)"; else say "Node: none of version $NODE_MINIMUM or newer; setup installs one into the virtual environment"; fi
  if command -v cdk >/dev/null; then say "CDK CLI: $(cdk --version)"; else say "CDK CLI: not installed yet; make setup"; fi
  say "Free disk: $(df -h . | awk 'NR == 2 {print $4}') (setup needs about 2 GB)"
}

case "${1:-}" in
  python) setup_python "$2" "$3" requirements/dev.txt ;;
  deploy) setup_python "$2" "$3" requirements/deploy.txt ;;
  cdk) setup_cdk ;;
  checkov) setup_checkov "$2" ;;
  image) setup_image "$2" ;;
  sdk) setup_sdk "$2" ;;
  maintenance) setup_maintenance "$2" ;;
  doctor) doctor "$2" ;;
  *) say "usage: setup.sh python PYTHON VENV | deploy PYTHON VENV | cdk | checkov VENV | image VENV | sdk VENV | maintenance VENV | doctor PYTHON"; exit 2 ;;
esac
