#!/bin/bash
# Prepares a space of Studio each time one of its apps starts, with the role of the person who owns it.
# NOTEBOOK_URI comes from the stack, which puts it in front.
#
# Nothing in here may keep an app from starting: what goes wrong is said in the log and left out.
set -u

home="${HOME:-/home/sagemaker-user}"

# A copy that is there already may have been worked on, and is not replaced.
copy_notebook() {
  local target="$home/getting-started.ipynb"
  [ -e "$target" ] && return
  python3 - "$NOTEBOOK_URI" "$target" <<'PYTHON'
import sys
from urllib.parse import urlsplit

import boto3

uri, target = sys.argv[1:]
location = urlsplit(uri)
boto3.client("s3").download_file(location.netloc, location.path.lstrip("/"), target)
PYTHON
}

# A space has no way to the internet: tools that look for one give up at once instead of hanging.
configure_tools() {
  git config --global init.defaultBranch main
  git config --global http.lowSpeedLimit 1000
  git config --global http.lowSpeedTime 5
  [ -e "$home/.condarc" ] || printf '%s\n' \
    'notify_outdated_conda: false' 'remote_connect_timeout_secs: 3' 'remote_max_retries: 0' >"$home/.condarc"
  mkdir -p "$home/.config/pip"
  [ -e "$home/.config/pip/pip.conf" ] || printf '%s\n' \
    '[global]' 'disable-pip-version-check = true' 'retries = 0' 'timeout = 5' >"$home/.config/pip/pip.conf"
}

if copy_notebook; then
  echo "The notebook to start with is getting-started.ipynb."
else
  echo "The notebook $NOTEBOOK_URI could not be copied; the space starts without it." >&2
fi
configure_tools || echo "git, conda and pip keep their own settings." >&2
exit 0
