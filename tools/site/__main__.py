"""`python -m tools.site`: docs/ as a site in docs-site/, which is looked at; 1 where something is wrong."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.site import assets, browser

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS, SITE = REPOSITORY / "docs", REPOSITORY / "docs-site"
GENERATOR = Path(sys.prefix) / "docs"
"""What `make docs` has set up."""


def main(argv: Sequence[str]) -> int:
    """Build, look, and say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--browser", help="the program of a Chromium; one of the usual names when left out")
    options = parser.parse_args(argv)
    program = browser.find(options.browser)
    if options.browser and not program:
        print(f"BROWSER: {options.browser}: is no program here; leave it out, or install it", file=sys.stderr)
        return 1
    _build()
    pages = sorted(str(page.relative_to(SITE)) for page in SITE.rglob("*.html"))
    found = assets.problems(SITE)
    if program:
        found += browser.problems(program, SITE, pages)
    for problem in found:
        print(problem, file=sys.stderr)
    without = f"not opened in a browser: none of {', '.join(browser.NAMES)} is here"
    looked = f"all opened in {Path(program).name}" if program else without
    print(f"{SITE / 'index.html'}: {len(pages)} pages, {looked}, {len(found)} problems")
    return 1 if found else 0


def _build() -> None:
    """Anew, with every warning as an error, and without what an earlier build has left."""
    doctrees = GENERATOR / "doctrees"
    for folder in (SITE, doctrees):
        shutil.rmtree(folder, ignore_errors=True)
    options = ["--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"]
    mermaid = GENERATOR / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
    subprocess.run(
        [GENERATOR / "bin" / "sphinx-build", *options, "--doctree-dir", doctrees, DOCS, SITE],
        env={**os.environ, "MERMAID": str(mermaid)},
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
