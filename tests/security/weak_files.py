"""Weaknesses in workflows, locked lists and scripts, and what notices each: a promise about a file, or ruff."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.promises.test_supply_chain import (
    test_a_job_with_credentials_does_nothing_but_deploy_an_assembly_or_compare_with_it as deploys_only,
)
from tests.promises.test_supply_chain import test_actions_are_pinned_by_commit as pinned
from tests.promises.test_supply_chain import (
    test_every_package_that_is_installed_is_pinned_with_a_hash as hashed,
)
from tests.promises.test_supply_chain import test_workflows_are_what_github_and_zizmor_accept as accepted

ROOT = Path(__file__).parents[2]
DEPLOY, PULL_REQUEST = ".github/workflows/deploy.yml", ".github/workflows/pull-request.yml"
# Whatever the environments are called.
*_, PROTECTED = re.findall(r"^    environment: .*\n", (ROOT / DEPLOY).read_text("utf-8"), re.MULTILINE)
DRIFT, PRICES = ".github/workflows/drift.yml", ".github/workflows/prices.yml"
INFERENCE, TRAIN, LOADER = "pipeline_code/inference.py", "pipeline_code/train.py", "config/loader.py"


def ruff(path: Path) -> None:
    """The rules of pyproject.toml about security, as `make test` applies them to scripts."""
    subprocess.run(["ruff", "check", "--quiet", "--isolated", "--select", "S", str(path)], check=True)


class WeakFile(NamedTuple):
    """A change of text in a file, and what notices it."""

    name: str
    path: str
    old: str
    new: str
    noticed_by: Callable[[Path], None]


WEAK_FILES = (
    WeakFile("an action by a tag that can be moved", DEPLOY, "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7", pinned),
    WeakFile("a token that may write", DEPLOY, "permissions: {}", "permissions: write-all", deploys_only),
    WeakFile("credentials for tests of a pull request", PULL_REQUEST, "contents: read #", "id-token: write #", deploys_only),
    WeakFile("code of strangers with secrets", PULL_REQUEST, "on: pull_request", "on: pull_request_target", accepted),
    WeakFile("the token stays on the disk", PULL_REQUEST, "        with: {persist-credentials: false}\n", "", accepted),
    WeakFile("the deployment synthesizes anew", DEPLOY, " ASSEMBLY=cdk.out", "", deploys_only),
    WeakFile("nobody looks at what was deployed", DEPLOY, "make verify ENVIRONMENT", "true ENVIRONMENT", deploys_only),
    WeakFile("the deployment installs everything", DEPLOY, "make setup-deploy", "make setup", deploys_only),
    WeakFile("the deployment waits for no test", DEPLOY, "    needs: assembly\n", "", deploys_only),
    WeakFile("the deployment has no environment to protect", DEPLOY, PROTECTED, "", deploys_only),
    WeakFile("what nobody approves has the role that deploys", DRIFT, "vars.DRIFT_ROLE_ARN", "vars.DELIVERY_ROLE_ARN", deploys_only),
    WeakFile("what nobody approves deploys", DRIFT, "make drift", "make deploy", deploys_only),
    WeakFile("what renews prices may write", PRICES, "contents: read #", "contents: write #", deploys_only),
    WeakFile("text of a stranger in a script", PULL_REQUEST, "run: make test", "run: make test ${{ github.head_ref }}", accepted),
    WeakFile("a package without a hash", "requirements.txt", "--hash=sha256:", "--", hashed),
    WeakFile("a package of any version", "requirements.txt", "attrs==", "attrs>=", hashed),
    WeakFile("an answer that is evaluated", INFERENCE, "import json\n", "import json\neval(input())\n", ruff),
    WeakFile("a pickle from outside", TRAIN, "import numpy as np\n", "import numpy as np\nimport pickle\npickle.loads(b'')\n", ruff),
    WeakFile("a shell", TRAIN, "import numpy as np\n", "import numpy as np\nimport os\nos.system('ls ' + input())\n", ruff),
    WeakFile("a temporary file that others may take", TRAIN, "import numpy as np\n", "import numpy as np\nopen('/tmp/model', 'w')\n", ruff),
    WeakFile("YAML that makes objects", LOADER, "from pathlib import Path\n", "from pathlib import Path\nimport yaml\nyaml.load('', Loader=yaml.Loader)\n", ruff),
)  # fmt: skip
