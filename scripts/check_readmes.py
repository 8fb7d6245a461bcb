#!/usr/bin/env python3
"""Fails when a folder of src/ has no README, or a document links to a file that does not exist."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
faults = [f"src/{p.name}: no README.md" for p in sorted((root / "src").iterdir()) if p.is_dir() and not (p / "README.md").exists()]
documents = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("src/*/README.md"), *root.glob("examples/*/README.md"), *root.glob("guests/README.md")]
for document in documents:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
        if not (document.parent / target).exists():
            faults.append(f"{document.relative_to(root)}: links to {target}, which does not exist")
print("\n".join(faults) if faults else f"{len(documents)} documents")
sys.exit(bool(faults))
