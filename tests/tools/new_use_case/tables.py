"""Three tables that no use case knows, with what people's tables have: odd names, codes, dates, leaks."""

import csv
import math
import random
from collections.abc import Iterator
from pathlib import Path

Row = list[object]


def write(path: Path, header: list[str], rows: Iterator[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def loans(folder: Path) -> Path:
    """Two labels of text, odd names, an identifier, addresses, a date, a column that repeats another."""
    header = ["Loan ID", "Customer e-mail", "Monthly Income (EUR)", "Years employed", "Has Car?"]
    header += ["home ownership", "Opened", "Closed", "Score", "Score x2", "Repaid In Time"]
    return write(folder / "loans.csv", header, _loans(random.Random(5)))


def _loans(source: random.Random) -> Iterator[Row]:
    for number in range(900):
        income = source.lognormvariate(8, 0.4)
        years, score = source.randint(0, 30), source.randint(300, 850)
        chance = 1 / (1 + math.exp(-((score - 575) / 80 + (years - 10) / 10)))
        yield [
            *(f"L{number:05}", f"customer{number}@example.com"),
            *(round(income, 2) if source.random() > 0.05 else "NA", years, source.choice(["yes", "no"])),
            source.choices(["RENT", "OWN", "MORTGAGE"], [5, 1, 4])[0],
            f"2024-{source.randint(1, 12):02}-{source.randint(1, 28):02}",
            f"{source.randint(1, 28):02}.{source.randint(1, 12):02}.2025",
            *(score, 2 * score, "Yes" if source.random() < chance else "No"),
        ]


def wine(folder: Path) -> Path:
    """Three classes written as numbers, a code, a constant, dashes where numbers are missing."""
    header = ["fixed acidity", "alcohol %", "pH", "Region Code", "constant", "quality"]
    return write(folder / "wine.csv", header, _wine(random.Random(6)))


def _wine(source: random.Random) -> Iterator[Row]:
    for _ in range(800):
        alcohol = source.gauss(10, 1.5)
        quality = min(6, max(4, round(5 + (alcohol - 10) / 2 + source.gauss(0, 0.5))))
        shown = round(alcohol, 3) if source.random() > 0.03 else "-"
        acidity, region = round(source.gauss(7, 1), 3), source.randint(1, 6)
        yield [acidity, shown, round(source.gauss(3.3, 0.2), 3), region, 1, quality]


def claims(folder: Path) -> Path:
    """A few large amounts, rows without a target, booleans, a running number, a column that leaks."""
    header = ["row", "Age", "BMI", "smoker", "region", "paid", "Charges"]
    return write(folder / "claims.csv", header, _claims(random.Random(7)))


def _claims(source: random.Random) -> Iterator[Row]:
    for number in range(700):
        age, smokes = source.randint(18, 64), source.random() < 0.2
        charges = source.lognormvariate(7 + age / 40 + (1.3 if smokes else 0), 0.5)
        region = source.choice(["north", "south", "east", "west"])
        yield [
            *(number, age, round(source.gauss(30, 6), 2), str(smokes).lower(), region),
            *(round(charges * 0.98, 2), round(charges, 2) if number % 50 else ""),
        ]
