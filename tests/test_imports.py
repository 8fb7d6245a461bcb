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


# What spin-sdk 5 for Python imports, whatever the component calls (its world `platform`), besides WASI 0.2.
UNION = {
    "wasi:http@{0}": "types client", "wasi:cli@{0}": "environment exit types stdin stdout stderr terminal-input terminal-output "
    "terminal-stdin terminal-stdout terminal-stderr", "wasi:clocks@{0}": "types monotonic-clock system-clock",
    "wasi:filesystem@{0}": "types preopens", "wasi:sockets@{0}": "types ip-name-lookup", "wasi:random@{0}": "random insecure insecure-seed",
}
SPIN = {
    "spin:mqtt@3.0.0": "mqtt", "spin:mysql@3.0.0": "mysql", "spin:postgres@3.0.0": "postgres", "spin:postgres@4.2.0": "postgres",
    "spin:redis@3.0.0": "redis", "spin:sqlite@3.1.0": "sqlite",
    "fermyon:spin@2.0.0": "llm redis mqtt rdbms-types postgres mysql sqlite",
}
# Those that are there, with functions whose types must be right.
THERE = """
package fermyon:spin@2.0.0 {
  interface variables {
    variant error { invalid-name(string), undefined(string), provider(string), other(string) }
    get: func(name: string) -> result<string, error>;
  }
  interface key-value {
    variant error { store-table-full, no-such-store, access-denied, other(string) }
    resource store {
      open: static func(label: string) -> result<store, error>;
      get: func(key: string) -> result<option<list<u8>>, error>;
    }
  }
  %s
}
package spin:variables@3.0.0 {
  interface variables {
    variant error { invalid-name(string), undefined(string), provider(string), other(string) }
    get: async func(name: string) -> result<string, error>;
  }
}
package spin:key-value@3.0.0 {
  interface key-value {
    variant error { store-table-full, no-such-store, access-denied, other(string) }
    resource store {
      open: static async func(label: string) -> result<store, error>;
      get: async func(key: string) -> result<option<list<u8>>, error>;
      set: async func(key: string, value: list<u8>) -> result<_, error>;
      delete: async func(key: string) -> result<_, error>;
      exists: async func(key: string) -> result<bool, error>;
      get-keys: async func() -> tuple<stream<string>, future<result<_, error>>>;
    }
  }
}
package wasi:config@0.2.0-draft-2024-09-27 { %s }
package wasi:config@0.2.0-rc.1 { %s }
package wasi:keyvalue@0.2.0-draft2 {
  interface store {
    variant error { no-such-store, access-denied, other(string) }
    record key-response { keys: list<string>, cursor: option<string> }
    resource bucket {
      get: func(key: string) -> result<option<list<u8>>, error>;
      list-keys: func(cursor: option<string>) -> result<key-response, error>;
    }
    open: func(identifier: string) -> result<bucket, error>;
  }
}
"""
CONFIG = """interface store {
  variant error { upstream(string), io(string) }
  get: func(key: string) -> result<option<string>, error>;
  get-all: func() -> result<list<tuple<string, string>>, error>;
}"""


class Union(weft.Case):
    def test_what_every_python_guest_imports_links_with_a_list_of_what_is_not_there(self):
        packages = {name.format(version): interfaces.split() for version in ("0.3.0-rc-2026-03-15", "0.3.0") for name, interfaces in UNION.items()}
        packages |= {name: interfaces.split() for name, interfaces in SPIN.items()}
        # What is in none of weft's interfaces is named by the function that a guest might call.
        def has(name, interface):
            return "type any = u8;" if interface == "types" and name.startswith(("wasi:cli@", "wasi:clocks@")) else "not-there: func();"

        body = {name: "\n".join(f"interface {i} {{ {has(name, i)} }}" for i in interfaces) for name, interfaces in packages.items()}
        text = THERE % (body.pop("fermyon:spin@2.0.0"), CONFIG, CONFIG)
        text += "\n".join(f"package {name} {{ {interfaces} }}" for name, interfaces in body.items())
        imports = [f"{name.partition('@')[0]}/{i}@{name.partition('@')[2]}" for name, interfaces in packages.items() for i in interfaces]
        imports += ["spin:variables/variables@3.0.0", "spin:key-value/key-value@3.0.0", "fermyon:spin/variables@2.0.0", "fermyon:spin/key-value@2.0.0",
                    "wasi:config/store@0.2.0-draft-2024-09-27", "wasi:config/store@0.2.0-rc.1", "wasi:keyvalue/store@0.2.0-draft2"]
        world = " ".join(f"import {name};" for name in imports) + " export run: func();"
        done = weft.run("up", self.component(world, text), "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1, "a program is refused for what it imports")
        component = self.component(world, text, shared_library=True)
        said = weft.run("inspect", component).stdout
        self.assertIn("It runs, but fails when it calls what it:", said)
        for name in ("spin:mqtt/mqtt@3.0.0", "spin:postgres/postgres@3.0.0", "spin:postgres/postgres@4.2.0", "spin:sqlite/sqlite@3.1.0",
                     "fermyon:spin@2.0.0 with llm, redis, mqtt, rdbms-types, postgres, mysql, sqlite"):
            self.assertIn(f"needs {name} (not yet)", said)
        for name in ("wasi:config", "key-value", "variables"):
            self.assertNotIn(name, said.partition("Imports")[0], "it is there")
        self.assertNotIn("which weft does not know", said)
