"""`weft wit`: a component's world in WIT, and whether it fits a world that is written down."""
import json
import subprocess

import weft

PACKAGES = """
package test:shop@1.2.0 {
  interface types {
    record item { name: string, price: f64, amount: u8 }
    enum size { small, large }
    resource order { total: func() -> f64; }
  }
  interface cart {
    use types.{item, order, size as how-large};
    add: func(item: item, size: how-large) -> result<u32, string>;
    place: func(all: list<item>) -> order;
    later: async func(o: borrow<order>) -> option<f64>;
  }
  interface log { line: func(text: string); }
}
"""
WORLD = "import test:shop/log@1.2.0; export test:shop/types@1.2.0; export test:shop/cart@1.2.0; export run: func() -> u32;"


class Wit(weft.Case):
    def folder_of(self, packages=PACKAGES, world=WORLD):
        """A folder with a world `it`, and the packages it uses in deps/."""
        folder = self.folder / "wit"
        (folder / "deps").mkdir(parents=True, exist_ok=True)
        (folder / "world.wit").write_text(f"package test:it;\n\nworld it {{\n  " + world.replace("; ", ";\n  ") + "\n}\n")
        (folder / "deps/shop.wit").write_text(packages)
        return folder

    def check(self, component, folder, *options):
        return weft.run("wit", "check", component, "--wit", folder, *options)

    def differs(self, component, folder, *lines):
        done = self.check(component, folder)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        found = [line.strip() for line in done.stderr.splitlines()[1:]]
        self.assertEqual(found, list(lines))

    def test_the_world_is_that_of_inspect(self):
        component = weft.guest("hello-rust")
        self.assertEqual(weft.run("wit", "print", component).stdout, weft.run("inspect", component, "--wit").stdout)
        done = weft.run("wit", "print", self.folder / "none.wasm")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.wasm", done.stderr)

    def test_every_guest_fits_its_own_world_as_it_is_printed(self):
        for path in sorted(weft.guests.glob("*.wasm")):
            with self.subTest(path.stem):
                printed = self.folder / "world.wit"
                printed.write_text(weft.run("wit", "print", path).stdout)
                done = self.check(path, printed)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_package_of_this_repository_is_read(self):
        for folder in sorted((weft.root / "wit").iterdir()):
            if not folder.is_dir():
                continue
            with self.subTest(folder.name):
                done = self.check(weft.guest("hello-c"), folder, "--world", "no-such-world")
                self.assertEqual(done.returncode, 1)
                self.assertIn("no world", done.stderr)

    def test_a_component_fits_the_world_it_was_made_for(self):
        component = self.component(WORLD, PACKAGES)
        done = self.check(component, self.folder_of())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("fits the world it", done.stdout)
        self.assertEqual(json.loads(self.check(component, self.folder_of(), "--json").stdout), [])

    def test_more_exports_and_fewer_imports_fit_too(self):
        component = self.component(WORLD, PACKAGES)
        folder = self.folder_of(world="import test:shop/log@1.2.0; import more: func(); export run: func() -> u32;")
        self.assertEqual(self.check(component, folder).returncode, 0)

    def test_a_compatible_version_is_the_same_and_another_is_not(self):
        component = self.component(WORLD, PACKAGES)
        newer = PACKAGES.replace("@1.2.0", "@1.3.1"), WORLD.replace("@1.2.0", "@1.3.1")
        self.assertEqual(self.check(component, self.folder_of(*newer)).returncode, 0)
        other = PACKAGES.replace("@1.2.0", "@2.0.0"), WORLD.replace("@1.2.0", "@2.0.0")
        done = self.check(component, self.folder_of(*other))
        self.assertEqual(done.returncode, 1)
        self.assertIn("import test:shop/log@1.2.0: the world it does not import it; there is test:shop/log@2.0.0", done.stderr)
        self.assertIn("export test:shop/cart@2.0.0: the component does not export it; there is test:shop/cart@1.2.0", done.stderr)

    def test_what_is_imported_and_not_exported_is_named(self):
        component = self.component("import test:shop/log@1.2.0; import other: func();", PACKAGES)
        wit = self.folder_of(world="export run: func() -> u32; export test:shop/types@1.2.0;")
        self.differs(component, wit,
                     f"import test:shop/log@1.2.0: the world it does not import it ({wit}/world.wit:3)",
                     f"import other: the world it does not import it ({wit}/world.wit:3)",
                     f"export run: the component does not export it ({wit}/world.wit:4)",
                     f"export test:shop/types@1.2.0: the component does not export it ({wit}/world.wit:5)")

    def test_each_type_that_differs_is_named_with_both_and_its_line(self):
        component = self.component(WORLD, PACKAGES)
        deps = self.folder / "wit/deps/shop.wit"
        cart = "export test:shop/cart@1.2.0"
        for before, after, *lines in [
            ("amount: u8", "amount: u16",
             f"{cart}#add: parameter item: field amount: the world has u16, the component u8 ({deps}:4)",
             f"{cart}#place: parameter all: list: field amount: the world has u16, the component u8 ({deps}:4)"),
            ("small, large", "small, huge",
             f"{cart}#add: parameter size: the world has size {{ small, huge }}, the component {{ small, large }} ({deps}:5)"),
            ("result<u32, string>", "result<u32>",
             f"{cart}#add: result: the world has result<u32, _>, the component result<u32, string> ({deps}:10)"),
            ("later: async", "later:", f"{cart}#later: the world has a func, the component an async func ({deps}:12)"),
            ("(all: list", "(each: list", f"{cart}#place: the world has the parameter each, the component all ({deps}:11)"),
            ("-> option<f64>", "-> option<f32>",
             f"{cart}#later: result: the world has option<f32>, the component option<f64> ({deps}:12)"),
            ("    place: func", "    extra: func();\n    place: func",
             f"{cart}#extra: the component has no such function ({deps}:11)"),
            ("(text: string)", "(text: string, level: u8)",
             f"import test:shop/log@1.2.0#line: the world has 2 parameters, the component 1 ({deps}:14)"),
            ("line: func", "row: func",
             f"import test:shop/log@1.2.0#line: the world's test:shop/log@1.2.0 has no such function ({self.folder}/wit/world.wit:4)"),
        ]:
            with self.subTest(after):
                self.assertIn(before, PACKAGES)
                self.differs(component, self.folder_of(PACKAGES.replace(before, after)), *lines)

    def test_what_is_behind_a_gate_may_be_missing(self):
        component = self.component(WORLD, PACKAGES)
        gated = PACKAGES.replace("    place: func", "    @unstable(feature = extra)\n    extra: func();\n    place: func")
        self.assertEqual(self.check(component, self.folder_of(gated)).returncode, 0)

    def test_a_resource_is_the_one_of_its_interface(self):
        component = self.component(WORLD, PACKAGES)
        other = PACKAGES.replace("use types.{item, order, size as how-large};",
                                 "use types.{item, size as how-large};\n    resource order;")
        done = self.check(component, self.folder_of(other))
        self.assertIn("#place: result: the world has the resource test:shop/cart@1.2.0.order, "
                      "the component test:shop/types@1.2.0.order", done.stderr)

    def test_wit_that_cannot_be_read_is_told_with_file_and_line(self):
        component = self.component("", "")
        folder = self.folder_of(PACKAGES.replace("list<item>", "list<itm>"))
        done = self.check(component, folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{folder}/deps/shop.wit:11: test:shop/cart@1.2.0 has no type itm", done.stderr)
        done = self.check(component, self.folder / "none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none", done.stderr)
        self.assertEqual(weft.run("wit", "check", component).returncode, 2)
        self.assertEqual(weft.run("wit").returncode, 2)
        help_text = weft.run("wit", "check", "--help").stdout
        self.assertIn("Examples:", help_text)

    def test_a_binary_package_is_printed_and_refused_among_dependencies(self):
        folder = self.folder_of()
        package = self.folder / "shop.wasm"
        (self.folder / "shop.wit").write_text(PACKAGES.strip().replace("package test:shop@1.2.0 {", "package test:shop@1.2.0;")[:-1])
        subprocess.run([weft.tool("wasm-tools"), "component", "wit", "--wasm", self.folder / "shop.wit", "-o", package], check=True)
        self.assertIn("interface cart {", weft.run("wit", "print", package).stdout)
        (folder / "deps/other.wasm").write_bytes(package.read_bytes())
        done = self.check(self.component("", ""), folder)
        self.assertIn("weft wit print", done.stderr)
