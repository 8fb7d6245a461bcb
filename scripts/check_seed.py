#!/usr/bin/env python3
"""Checks tests/seed/ledger.tsv: what the founding text says, a row for each thing, and the tests that show it.

    scripts/check_seed.py                    the rows, and that every test they name exists
    scripts/check_seed.py --record FOLDER    and that it ran and passed: FOLDER/SUITE.txt has what passed of a suite, a
                                             line each; of a suite without such a file only the existence is checked

A row is `shown` (its tests show all of it), `partly` (some; the note says what is missing) or `open`. What has no state is
prose: headings, and what is said of others. Tests are named, separated by `; `:

    e2e:test_new.New.test_x                  a test of tests/, by the name that tests/run.py prints
    unit:manifest_test:Load.X                a test of that program
    style:NAME wast:NAME                     a check of scripts/test.sh that is a whole command
    script:first-hour.sh:STEP                a step, by the beginning of the line that it prints
    bench:NAME:FIGURE                        a figure of docs/bench/NAME.json within its limit in bench/gate.json

Where the text is (../shared/mission.txt, or WEFT_SEED_TEXT), every line of it must be in a row, each row's words in its
lines, and each sample of tests/seed as it stands there. Ends with `seed: N of M shown`.
"""
import argparse
import ast
import json
import os
import pathlib
import re
import statistics
import sys

COLUMNS = ["id", "lines", "quote", "kind", "ruling", "shown_by", "state", "issue", "note"]
KINDS = {"claim", "command", "key", "table", "bullet", "code", "output", "prose"}
STATES = {"shown", "partly", "open"}
VERSION = re.compile(r"# weft seed ledger, version 1\b")
# Samples that tests load as they are printed, and their lines.
SAMPLES = {"greeting.toml": (98, 117), "observability.toml": (503, 528), "security.toml": (538, 557)}
# Whose record tells whether a test ran.
SUITES = {"e2e": "e2e", "script": "e2e", "unit": "unit", "style": "style", "wast": "wast"}


def line_numbers(text):
    """The lines that `3`, `3-5` or `3-5,9` stand for; none if it is something else."""
    numbers = set()
    for part in text.split(","):
        found = re.fullmatch(r"([1-9]\d*)(?:-([1-9]\d*))?", part)
        if not found or int(found[2] or found[1]) < int(found[1]):
            return set()
        numbers |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    return numbers


def read(ledger, faults):
    """The rows that have the right number of fields; what is wrong with each goes to `faults`."""
    lines = ledger.read_text().splitlines()
    if not lines or not VERSION.match(lines[0]):
        faults.append("line 1: expected `# weft seed ledger, version 1`")
    if len(lines) < 2 or lines[1].split("\t") != COLUMNS:
        faults.append(f"line 2: expected the columns {' '.join(COLUMNS)}")
    rows, ids = [], {}
    for number, line in enumerate(lines[2:], 3):
        fields = line.split("\t")
        if len(fields) != len(COLUMNS):
            faults.append(f"line {number}: {len(fields)} fields instead of {len(COLUMNS)}")
            continue
        row = dict(zip(COLUMNS, fields), number=number)
        rows.append(row)
        faults += [f"line {number}: {row['id']}: {fault}" for fault in faults_of(row)]
        if row["id"] in ids:
            faults.append(f"line {number}: {row['id']} is the id of line {ids[row['id']]} too")
        ids[row["id"]] = number
    return rows


def faults_of(row):
    if not re.fullmatch(r"[a-z0-9-]+", row["id"]):
        yield "an id is made of a-z, 0-9 and -"
    if not line_numbers(row["lines"]):
        yield f"lines {row['lines']!r}: expected 3, 3-5 or 3-5,9"
    if not row["quote"]:
        yield "no words of the text"
    if row["kind"] not in KINDS:
        yield f"kind {row['kind']!r}: there are {', '.join(sorted(KINDS))}"
    if row["ruling"] and not re.fullmatch(r"R\d+(, R\d+)*", row["ruling"]):
        yield f"ruling {row['ruling']!r}: expected R1 or R1, R2"
    if row["kind"] == "prose":
        if any(row[key] for key in ("ruling", "shown_by", "state", "issue")):
            yield "prose has no ruling, test, state and issue"
        return
    if row["state"] not in STATES:
        yield f"state {row['state']!r}: there are {', '.join(sorted(STATES))}"
    if row["state"] in ("shown", "partly") and not row["shown_by"]:
        yield f"{row['state']}, but by no test"
    if row["state"] == "open" and row["shown_by"]:
        yield "open, but with a test"
    if row["state"] in ("partly", "open") and not re.fullmatch(r"[1-9]\d*|later", row["issue"]):
        yield f"issue {row['issue']!r}: expected a number or `later`"
    if row["state"] == "partly" and not row["note"]:
        yield "partly, but not said what is missing"


class Tests:
    """The tests there are, and those that ran."""

    def __init__(self, root, records):
        self.root = root
        self.passed = {}
        for suite in set(SUITES.values()):
            file = records / f"{suite}.txt" if records else None
            if file and file.exists():
                self.passed[suite] = set(file.read_text().splitlines())

    def fault(self, name):
        """What is wrong with a test that a row names; None: it exists and, if its suite ran, passed."""
        kind, _, rest = name.partition(":")
        if kind == "bench":
            return self.bench_fault(*rest.partition(":")[::2])
        if kind not in SUITES:
            return f"there is no kind of test {kind!r}"
        if not getattr(self, f"has_{kind}")(rest):
            return "there is no such test"
        passed = self.passed.get(SUITES[kind])
        if passed is None or name in passed or (kind == "script" and any(line.startswith(name) for line in passed)):
            return None
        return "did not run, or did not pass"

    def has_e2e(self, name):
        parts = name.split(".")
        file = self.root / f"tests/{parts[0]}.py"
        if len(parts) != 3 or not parts[2].startswith("test_") or not file.exists():
            return False
        return any(isinstance(node, ast.ClassDef) and node.name == parts[1] and
                   any(isinstance(f, ast.FunctionDef) and f.name == parts[2] for f in node.body)
                   for node in ast.parse(file.read_text()).body)

    def has_unit(self, name):
        found = re.fullmatch(r"(\w+)_test:(\w+)\.(\w+)", name)
        if not found:
            return False
        test = re.compile(rf"^TEST(?:_F)?\(\s*{found[2]},\s*{found[3]}\)", re.M)
        src = self.root / "src"
        # src/providers/sqlite has the program providers_sqlite_test.
        return any(test.search(file.read_text()) for file in src.rglob("*_test.cc")
                   if "_".join(file.parent.relative_to(src).parts) == found[1])

    def has_script(self, name):
        script, _, step = name.partition(":")
        file = self.root / "tests" / script
        # A step's line begins with words that stand in the script as they are.
        return bool(step) and file.is_file() and f'\nok "{step}' in file.read_text()

    def has_check(self, suite, name):
        body = re.search(rf"^suite_{suite}\(\) {{$(.*?)^}}$", (self.root / "scripts/test.sh").read_text(), re.M | re.S)
        return bool(body and re.search(rf"\b(?:check|run_wast) {re.escape(name)} ", body[1]))

    def has_style(self, name):
        return self.has_check("style", name)

    def has_wast(self, name):
        return self.has_check("wast", name)

    def bench_fault(self, bench, figure):
        sys.path.insert(0, str(self.root / "bench"))
        import gate
        file = self.root / f"docs/bench/{bench}.json"
        if not file.exists():
            return f"there is no docs/bench/{bench}.json"
        if figure not in gate.limits(bench):
            return f"bench/gate.json has no limit for it under {bench!r}"
        values = gate.figures(json.loads(file.read_text())).get(figure)
        if not values:
            return f"docs/bench/{bench}.json has no such figure"
        median, limit = statistics.median(values), gate.limits(bench)[figure]
        return None if median <= limit else f"is {median:.4g}, beyond its limit of {limit}"


def compare(rows, text, samples, faults):
    """The rows against the text itself."""
    lines = text.read_text().splitlines()
    covered = {}
    for row in rows:
        numbers = line_numbers(row["lines"])
        covered |= dict.fromkeys(numbers, row["id"])
        if numbers and max(numbers) > len(lines):
            faults.append(f"line {row['number']}: {row['id']}: the text has {len(lines)} lines")
            continue
        said = " ".join(" ".join(lines[i - 1] for i in sorted(numbers)).split())
        if " ".join(row["quote"].split()) not in said:
            faults.append(f"line {row['number']}: {row['id']}: lines {row['lines']} do not say {row['quote']!r}")
    for number, line in enumerate(lines, 1):
        if line.strip() and number not in covered:
            faults.append(f"line {number} of the text is in no row: {line.strip()[:60]}")
    for name, (first, last) in SAMPLES.items():
        if (samples / name).read_text() != "\n".join(lines[first - 1:last]) + "\n":
            faults.append(f"tests/seed/{name} is not lines {first}-{last} of the text")


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", type=pathlib.Path, metavar="FOLDER", help="what passed of the suites that ran")
    parser.add_argument("--root", type=pathlib.Path, default=root, help="the checkout (for the tests of this program)")
    parser.add_argument("--text", type=pathlib.Path, help="the founding text")
    options = parser.parse_args()
    text = options.text or pathlib.Path(os.environ.get("WEFT_SEED_TEXT") or options.root.parent / "shared/mission.txt")

    faults = []
    rows = read(options.root / "tests/seed/ledger.tsv", faults)
    tests = Tests(options.root, options.record)
    not_run = set()
    for row in rows:
        for name in filter(None, row["shown_by"].split("; ")):
            if fault := tests.fault(name):
                faults.append(f"line {row['number']}: {row['id']}: {name}: {fault}")
            suite = SUITES.get(name.partition(":")[0])
            if suite and suite not in tests.passed:
                not_run.add(suite)
    if text.exists():
        compare(rows, text, options.root / "tests/seed", faults)
    else:
        print(f"seed: {text} is not here: the rows were not compared with the text")
    for fault in faults:
        print(f"tests/seed/ledger.tsv: {fault}")
    counted = [row for row in rows if row["kind"] != "prose"]
    shown = sum(row["state"] == "shown" for row in counted)
    existence = f" (of {', '.join(sorted(not_run))} only that the tests exist: they were not run)" if not_run else ""
    print(f"seed: {shown} of {len(counted)} shown{existence}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
