"""The people of the kept rehearsal."""

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.people import PERSONAS, Person, sign_in


@pytest.fixture(scope="package")
def people(kept: Kept) -> dict[str, Person]:
    outputs = kept.outputs("dev-foundation")
    return {persona: sign_in(kept, persona, outputs[output]) for persona, output in PERSONAS.items()}
