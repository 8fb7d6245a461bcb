#!/usr/bin/env python3
"""Writes the figures of docs/bench/*.json into the marked blocks of docs/performance.md.

    bench/publish.py            rewrite the blocks
    bench/publish.py --check    fail when a block is not what its JSON says (the style suite does)
"""
import importlib
import json
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))
document = here.parent / "docs/performance.md"
block = re.compile(r"(<!-- figures: ([a-z]+) -->\n).*?(<!-- end of figures -->)", re.S)


def render(name):
    file = here.parent / f"docs/bench/{name}.json"
    if not file.exists():
        return "Not recorded yet.\n"
    result = json.loads(file.read_text())
    m = result["machine"]
    head = (f"{result['date']}, commit {result['commit']}, {m['cores']} cores ({m['cpu']}), {m['memory_gib']} GiB, Linux {m['kernel']}, "
            f"{result['method']['rounds']} rounds.")
    lines = importlib.import_module(name).markdown(result)
    absent = [f"Not compared: {', '.join(result['absent'])}."] if result.get("absent") else []
    return "\n".join([head, "", *lines, *([""] + absent if absent else [])]) + "\n"


def rendered():
    return block.sub(lambda m: m[1] + render(m[2]) + m[3], document.read_text())


def rewrite():
    document.write_text(rendered())


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if rendered() != document.read_text():
            sys.exit("docs/performance.md: its figures are not those of docs/bench/*.json; run bench/publish.py")
        print(f"{len(block.findall(document.read_text()))} blocks")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        rewrite()
