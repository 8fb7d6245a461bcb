#!/usr/bin/env python3
"""Fails when a row of docs/assurance.tsv is not a run: date, commit, what, seconds, executions, result."""
import datetime
import pathlib
import re
import sys

ledger = pathlib.Path(__file__).resolve().parent.parent / "docs/assurance.tsv"
columns = ["date", "commit", "what", "seconds", "executions", "result"]
faults = []
rows = 0
lines = ledger.read_text().splitlines()
if not lines or not re.match(r"# weft assurance ledger, version 1\b", lines[0]):
    faults.append("line 1: expected `# weft assurance ledger, version 1`")
if len(lines) < 2 or lines[1].split("\t") != columns:
    faults.append(f"line 2: expected the columns {' '.join(columns)}")
for number, line in enumerate(lines[2:], 3):
    fields = dict(zip(columns, line.split("\t")))
    rows += 1
    if len(line.split("\t")) != len(columns):
        faults.append(f"line {number}: {len(line.split(chr(9)))} fields instead of {len(columns)}")
        continue
    try:
        datetime.date.fromisoformat(fields["date"])
    except ValueError:
        faults.append(f"line {number}: {fields['date']} is no date")
    if not re.fullmatch(r"[0-9a-f]{7,40}", fields["commit"]):
        faults.append(f"line {number}: {fields['commit']} is no commit")
    if not fields["seconds"].isdigit() or not fields["executions"].isdigit():
        faults.append(f"line {number}: seconds and executions are whole numbers")
    if not fields["what"] or not fields["result"]:
        faults.append(f"line {number}: what ran and how it ended must be said")
print("\n".join(faults) if faults else f"{rows} runs")
sys.exit(bool(faults))
