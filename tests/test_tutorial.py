"""docs/tutorial.md, step by step: its code blocks are run as documents.py tells, in an empty folder with an empty home."""
import os
import pathlib

import documents
import weft

TUTORIAL = weft.root / "docs/tutorial.md"
cache = pathlib.Path(os.environ.get("WEFT_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft-dev")


class Tutorial(weft.Case):
    def test_every_step_works_as_it_is_written(self):
        # What the application stands on is compiled once, for this test and test_new.
        with documents.Reader(TUTORIAL, self.folder, {"CARGO_BUILD_BUILD_DIR": str(cache / "target-new")}) as reader:
            ran, compared = reader.read()
        self.assertGreater(ran, 25)
        self.assertGreater(compared, 25)

    def test_its_program_is_the_example(self):
        program = next(block.text for block in documents.blocks_of(TUTORIAL.read_text()) if block.value("file") == "src/lib.rs")
        self.assertEqual(program, (weft.root / "examples/users/src/lib.rs").read_text())
