"""Synthesizes the sample as app.py does the configuration: `cdk synth --app "python -m tests.sample.app"`."""

from pathlib import Path

from config.settings import load_settings
from stacks.stage import build_app

if __name__ == "__main__":
    build_app(load_settings(Path(__file__).parent)).synth()
