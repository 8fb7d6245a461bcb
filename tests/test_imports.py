"""Any WASI 0.2.x is linked: a component that imports all of it, as its WIT says, starts."""
import pathlib
import shutil
import subprocess

import weft

WIT = weft.root / "tests/wit/wasi-0.2.12"


class Imports(weft.Case):
    def component(self, version):
        """A component that imports every function of the world, unstable ones included, at a version of the interfaces."""
        tools = subprocess.run([weft.root / "scripts/tools.sh", "path", "wasm-tools"], check=True, capture_output=True, text=True)
        wit = self.folder / "wit"
        shutil.copytree(WIT, wit, dirs_exist_ok=True)
        for file in wit.rglob("*.wit"):
            file.write_text(file.read_text().replace("@0.2.12", f"@{version}"))
        module, component = self.folder / "module.wasm", self.folder / "component.wasm"
        for arguments in (["embed", "--all-features", "--dummy", "-w", "everything", wit, "-o", module], ["new", module, "-o", component]):
            subprocess.run([tools.stdout.strip(), "component", *arguments], check=True, capture_output=True)
        return component

    def test_every_function_of_the_http_world_links_in_older_and_newer_versions(self):
        for version in ("0.2.12", "0.2.99"):
            with self.subTest(version):
                component = self.component(version)
                self.assertIn(b"response-outparam.send-informational", pathlib.Path(component).read_bytes())
                self.assertIn(b"future-incoming-response.get", pathlib.Path(component).read_bytes())
                for name in (b"tcp-socket.start-connect", b"outgoing-datagram-stream.send", b"network-error-code"):
                    self.assertIn(name, pathlib.Path(component).read_bytes())
                with weft.Up(component) as up:
                    # What was made of nothing but types traps when it is called.
                    self.assertEqual(up.get("/")[0], 500)
