"""The examples do what their READMEs say: their code blocks are run as documents.py tells, against what ./dev guests built."""
import shutil
import tomllib

import documents
import weft

EXAMPLES = sorted(path.parent.name for path in weft.root.glob("examples/*/spin.toml"))


class Examples(weft.Case):
    def copy(self, name):
        """What `weft up --from examples/NAME` needs, where it leaves nothing behind."""
        there = self.folder / "examples" / name
        there.mkdir(parents=True)
        manifest = weft.root / "examples" / name / "spin.toml"
        shutil.copy(manifest, there)
        said = tomllib.loads(manifest.read_text())
        for trigger in said["trigger"]["http"]:
            if files := trigger.get("static_files"):
                shutil.copytree(weft.root / "examples" / name / files["source"], there / files["source"])
        for component in said.get("component", {}).values():
            source = weft.root / "examples" / name / component["source"]
            self.assertTrue(source.exists(), f"{source} is not built; ./dev guests {name}")
            (there / component["source"]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there / component["source"])

    def does_what_its_readme_says(self, name):
        self.copy(name)
        with documents.Reader(weft.root / "examples" / name / "README.md", self.folder) as reader:
            ran, compared = reader.read()
        self.assertGreater(ran, 1, "the README has no commands")
        self.assertGreater(compared, 1, "the README has no answers")


for example in EXAMPLES:
    setattr(Examples, f"test_{example.replace('-', '_')}_does_what_its_readme_says",
            lambda self, example=example: self.does_what_its_readme_says(example))


class ADocument(weft.Case):
    """That a document which is not true fails."""

    def read(self, text):
        document = self.folder / "document.md"
        document.write_text(text)
        with documents.Reader(document, self.folder) as reader:
            return reader.read()

    def test_with_other_output_fails(self):
        self.assertEqual(self.read("```sh\necho one; echo two\n```\n```text\none\ntw…\n```\n"), (1, 1))
        for said in ("one\n", "one\ntwo\nthree\n", "one\n…two…three\n", "two\n"):
            with self.subTest(said), self.assertRaisesRegex(AssertionError, "document.md:1: expected"):
                self.read(f"```sh\necho one; echo two\n```\n```text\n{said}```\n")

    def test_with_a_command_that_fails_fails(self):
        with self.assertRaisesRegex(AssertionError, "ended with status 1"):
            self.read("```sh\nfalse\n```\n")
        self.read("```sh fails\nfalse\n```\n")
        with self.assertRaisesRegex(AssertionError, "ended with status 0"):
            self.read("```sh fails\ntrue\n```\n")

    def test_with_what_never_appears_in_a_terminal_fails(self):
        self.assertEqual(self.read("```sh terminal=a\necho up; sleep 60\n```\n```text\nup\n```\n"), (1, 1))
        with self.assertRaisesRegex(AssertionError, "did not appear in the terminal a"):
            self.read("```sh terminal=a\necho up\n```\n```text\ndown\n```\n")

    def test_keeps_its_folder_and_its_files(self):
        self.read("```toml file=a/b.toml\nx = 1\n```\n```sh\ncd a\n```\n```sh\ncat b.toml\n```\n```text\nx = 1\n```\n")

    def test_types_what_is_asked(self):
        self.read("```sh\nread a; read b; echo \"$b$a\"\n```\n```text typed\nName: x\nPath: /y\n```\n```text\n/yx\n```\n")
