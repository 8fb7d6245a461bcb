#!/usr/bin/env python3
"""Fails when a folder of src/ has no README, or a document links to a file that does not exist."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
folders = sorted(p.parent for p in root.glob("src/**/CMakeLists.txt") if p.parent != root / "src")
faults = [f"{p.relative_to(root)}: no README.md" for p in folders if not (p / "README.md").exists()]
documents = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("src/**/README.md"), root / "examples/README.md", *root.glob("examples/*/README.md"), *root.glob("guests/README.md"), *root.glob("sdk/README.md")]
for document in documents:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
        if not (document.parent / target).exists():
            faults.append(f"{document.relative_to(root)}: links to {target}, which does not exist")
print("\n".join(faults) if faults else f"{len(documents)} documents")
sys.exit(bool(faults))
