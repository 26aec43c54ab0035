"""The act of batches: a night of rows like the delivery, and one of later rows."""

from datetime import UTC, datetime, timedelta

from tools.rehearse import acts
from tools.rehearse.batches import Batches, BatchFindings
from tools.rehearse.case import Case
from tools.rehearse.errors import RehearsalError
from tools.rehearse.narrator import Narrator
from tools.rehearse.people import Person


def live_two_nights(
    people: dict[str, Person], case: Case, folder: str, buckets: tuple[str, str], tell: Narrator
) -> BatchFindings | None:
    """None where nobody watches batches; `buckets` are those of captured data and of reports."""
    engineer, (captured, reports) = people["MLOps engineer"], buckets
    batches = Batches.of(engineer, case.name, captured, folder)
    if not batches.are_watched:
        tell.say(f"Nobody watches batches of {case.name}: its configuration has another engine")
        return None
    monitor = acts.Monitor("own", batches.monitor, reports)
    found, nights = [], (case.sample.kept_back_rows(), case.sample.drifted_rows())
    for night, rows in enumerate(nights):
        which = case.sample.later if night else "like the delivery"
        day = datetime.now(UTC) + timedelta(days=night)
        with tell.step(f"A night's batch: {len(rows)} rows, {which}"):
            batches.bring(people["data engineer"], day, case.held_out.features, rows)
            batches.predict(engineer, day)
        with tell.step("It has ended: the monitor compares rows and answers with the baseline"):
            found.append(monitor.wait_for_violations(engineer, night))
    quiet, violations = found
    if quiet or not violations:
        raise RehearsalError(f"{case.name}: a batch like the delivery {quiet}, a later one {violations}")
    state = acts.drift_alarm(engineer, case.name, "Batch")["StateValue"]
    return BatchFindings(len(nights[0]), violations, state)
