"""A template as small as can be, with the configuration of the sample, and forks of it."""

import shutil
from pathlib import Path

import pytest

from tools.fork import init
from tools.fork.git import git

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "tests" / "sample"
PAGE = """\
`widgets-dev` runs `make deploy ENVIRONMENT=dev`, and `make promote ENVIRONMENT=prod` is for widgets-prod.
arn:aws:states:us-east-1:111111111111:stateMachine:widgets-dev-x.
aws://222222222222/us-east-1; table widgets_dev.
It is in `config/environments/dev.yaml`, not in `requirements/dev.in` or `tests/sample/environments/dev.yaml`.

Nobody changes this.

Ask widgets-people@example.com of somebody-else/widgets.
"""
DRAWN = """\
# Architecture of `widgets-dev`

<!-- diagram: stacks -->
two use cases
<!-- end of diagram -->

The end.
"""
WORKFLOW = """\
on:
  push:
jobs:
  assembly:
    name: Test
    steps:
      - run: make test

  dev:
    name: Deploy dev
    needs: assembly
    environment: dev
    steps:
      - uses: actions/checkout@1
      - run: make deploy ENVIRONMENT=dev

  prod:
    name: Deploy prod
    needs: dev
    environment: prod
    steps:
      - uses: actions/checkout@1
      - run: make deploy ENVIRONMENT=prod
"""
OF_GITLAB = """\
stages: [assembly, dev, prod]

assembly:
  stage: assembly
  script:
    - make test

.deploy:
  script:
    - make deploy ENVIRONMENT="$CI_ENVIRONMENT_NAME"

dev:
  extends: .deploy
  stage: dev
  needs: [assembly]
  environment: dev
  resource_group: deploy-dev

prod:
  extends: .deploy
  stage: prod
  needs: [assembly, dev]
  environment: prod
  resource_group: deploy-prod
"""
"""As docs/examples has it, whose names are those of the template or of the fork that this test is run in."""
SAID = (
    "ORG=gadgets",
    "ACCOUNTS=play=444455556666 live=555566667777",
    "REGION=eu-central-1",
    "EMAIL=ml@gadgets.example",
    "REPOSITORY=gadgets-inc/models",
    "USE_CASES=flats",
)
"""What `make init` is told, unless a test says something else."""


def sample(file: str) -> str:
    """A file of the sample's configuration, as the template of an organisation has it."""
    text = (SAMPLE / file).read_text("utf-8")
    text = text.replace("account:", "project: widgets\naccount:", 1)
    text = text.replace("octo-org/octo-repo", "somebody-else/widgets")
    return text.replace("alerts@example.com", "widgets-people@example.com")


def files() -> dict[str, str]:
    use_case = (SAMPLE / "use_cases" / "house-prices.yaml").read_text("utf-8")
    dev = sample("environments/dev.yaml")
    return {
        ".github/workflows/deploy.yml": WORKFLOW,
        "Makefile": "deploy: ## make deploy ENVIRONMENT=dev\n",
        "README.md": PAGE,
        "config/environments/dev.yaml": f"{dev}  flats: {{model: latest-approved}} # in dev\n",
        "config/environments/prod.yaml": sample("environments/prod.yaml"),
        "config/schemas/environment.schema.json": "{}\n",
        "config/use_cases/flats.yaml": use_case,
        "config/use_cases/house-prices.yaml": use_case,
        "docs/architecture.md": DRAWN,
        "docs/decisions/0001-dev.md": "We chose `widgets-dev`.\n",
        "docs/exceptions.md": "| dev |\n",
        "stacks/stage.py": "PARTS = 1\n",
        "tests/snapshots/dev/network.json": "{}\n",
    }


def write(root: Path, **texts: str) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def commit(root: Path, message: str) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", message)
    return git(root, "rev-parse", "HEAD").strip()


def said(**others: str) -> list[str]:
    """The words of SAID with others in their place; an empty one is not said."""
    answers = {**dict(word.split("=", 1) for word in SAID), **others}
    return [f"{name}={value}" for name, value in answers.items() if value]


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who commits; nothing of this machine's git."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    root = tmp_path / "template"
    write(root, **files())
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "The template")
    return root


def ready(root: Path) -> Path:
    """What the configuration is checked against, and git does not know here."""
    for name in ("pipeline_code", "data"):
        (root / name).symlink_to(ROOT / name)
    (root / ".git" / "info" / "exclude").write_text("pipeline_code\ndata\n")
    return root


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> Path:
    """The template as somebody has cloned it."""
    root = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", "--origin", "template", str(template), str(root))
    return ready(root)


@pytest.fixture
def fork(clone: Path) -> Path:
    """A fork that has been told who it is."""
    assert init.main(said(), clone) == 0
    commit(clone, "gadgets")
    return clone


@pytest.fixture
def fork_without_history(template: Path, tmp_path: Path) -> Path:
    """A fork that was begun with a copy of the template's files."""
    root = tmp_path / "copy"
    shutil.copytree(template, root, ignore=shutil.ignore_patterns(".git"))
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Initial commit")
    git(root, "remote", "add", "template", str(template))
    assert init.main(said(), ready(root)) == 0
    commit(root, "gadgets")
    return root
