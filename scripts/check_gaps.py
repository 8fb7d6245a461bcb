#!/usr/bin/env python3
"""Fails when something is refused that src/gaps does not list, or when an entry there is referred to by nothing."""
import pathlib
import re
import sys

src = pathlib.Path(__file__).resolve().parent.parent / "src"
gaps = re.search(r"enum class Gap[^{]*{(.*?)};", (src / "gaps/gaps.h").read_text(), re.S).group(1)
known = set(re.findall(r"^\s*([a-z_0-9]+),", gaps, re.M))
used = set()
faults = []
seen = set()

# src/wast runs specification scripts: what it cannot do is nobody's loss but the test's.
# Making an error of this kind, or saying so in a message, is a refusal; comparing with it is not.
made = re.compile(r"(?:fail|Error)\(\s*Errc::unsupported|\?\s*Errc::unsupported|Errc::unsupported\s*:|,\s*Errc::unsupported")
said = re.compile(r'"[^"]*\bnot (?:yet\)|implemented)[^"]*"')

for file in sorted(src.rglob("*.[ch]*")):
    if file.suffix not in (".h", ".cc") or file.parent.name in ("gaps", "wast") or file.stem.endswith("_test"):
        continue
    text = file.read_text()
    used |= set(re.findall(r"\bGap::([a-z_0-9]+)", text))
    for pattern in (made, said):
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            source = text.splitlines()[line - 1].strip()
            if source.startswith("//") or source.startswith("case ") or source.startswith("#"):
                continue
            if (file, line) in seen:
                continue
            seen.add((file, line))
            faults.append(f"{file.relative_to(src.parent)}:{line}: refuses something without an entry in src/gaps: {source}")

for name in sorted(known - used):
    faults.append(f"src/gaps/gaps.h: nothing refers to Gap::{name}")
for name in sorted(used - known):
    faults.append(f"src/gaps/gaps.h: there is no Gap::{name}")
print("\n".join(faults) if faults else f"{len(known)} gaps, each referred to")
sys.exit(bool(faults))
