"""What the proof found, in the words of the security gate's table."""

from dataclasses import dataclass

from tests.security.iam.gaps import difference
from tests.security.iam.proof import ROWS, Proof


@dataclass(frozen=True)
class Report:
    """The figures of the proof about all environments."""

    written: int
    cases: int
    right: int
    agreed: int
    mutants: int
    noticed: int

    @property
    def score(self) -> float:
        """The share of mutants that a case notices."""
        return self.noticed / self.mutants

    @property
    def lines(self) -> dict[str, str]:
        """Rows of the table."""
        return {
            "IAM cases": f"{self.right} of {self.cases} as the table says, {self.written} rows",
            "IAM second engine": f"agrees on {self.agreed} of {self.cases}",
            "IAM mutation": f"{self.noticed} of {self.mutants} mutants noticed ({self.score:.1%})",
        }


def report(proof: Proof) -> Report:
    """Decides all cases by both engines, and tries all mutants."""
    results = proof.mutation.values()
    mutants = sum(len(result.mutants) for result in results)
    differences = [difference(case, answer) for case, answer in zip(proof.cases, proof.answers, strict=True)]
    return Report(
        written=sum(not row.derived for row in ROWS),
        cases=len(proof.cases),
        right=len(proof.cases) - len(proof.wrong),
        agreed=differences.count(None),
        mutants=mutants,
        noticed=mutants - sum(len(result.survivors) for result in results),
    )
