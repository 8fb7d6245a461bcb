"""The WIT of the candidates of WASI 0.2, made of that of 0.2.12 by what has changed since."""
import re
import shutil

import weft

NOVEMBER, OCTOBER = "0.2.0-rc-2023-11-10", "0.2.0-rc-2023-10-18"


def regex(text):
    return re.compile(text, re.DOTALL)


# What both have: file, what 0.2.12 says, what they say.
BOTH = [
    ("world", "  include wasi:sockets/imports@0.2.12;", """  include wasi:cli/imports@0.2.12;
  include wasi:sockets/imports@0.2.12;"""),
    ("sockets", "    set-listen-backlog-size:", """    ipv6-only: func() -> result<bool, error-code>;
    set-ipv6-only: func(value: bool) -> result<_, error-code>;
    set-listen-backlog-size:"""),
    ("sockets", "    unicast-hop-limit:", """    ipv6-only: func() -> result<bool, error-code>;
    set-ipv6-only: func(value: bool) -> result<_, error-code>;
    unicast-hop-limit:"""),
]
CHANGES = {
    NOVEMBER: BOTH + [
        ("http", "-timeout: func", "-timeout-ms: func"),
        ("http", "option<result<result<option<trailers>, error-code>>>", "option<result<option<trailers>, error-code>>"),
    ],
    OCTOBER: BOTH + [
        ("io", "interface error {\n  resource error {\n    to-debug-string: func() -> string;\n  }\n}\n", ""),
        ("io", "resource pollable {\n    ready: func() -> bool;\n    block: func();\n  }",
         "resource pollable;\n  poll-one: func(in: borrow<pollable>);"),
        ("io", "  poll: func(", "  poll-list: func("),
        ("io", "  use error.{error};\n", "  resource error {\n    to-debug-string: func() -> string;\n  }\n"),
        ("io", "src: borrow<input-stream>", "src: input-stream"),
        ("io", "    blocking-splice:", "    forward: func(src: input-stream) -> result<u64, stream-error>;\n    blocking-splice:"),
        ("io", "  import error;\n", ""),
        *((package, "  import wasi:io/error@0.2.12;\n", "") for package in ("cli", "filesystem", "http", "sockets")),
        ("clocks", "  type duration = u64;\n", ""),
        ("clocks", "-> duration;", "-> instant;"),
        ("clocks", regex(r"  subscribe-instant: func\([^)]*\) -> pollable;\n"), "  subscribe: func(when: instant, absolute: bool) -> pollable;\n"),
        ("clocks", regex(r"  subscribe-duration: func\([^)]*\) -> pollable;\n"), ""),
        ("filesystem", "  flags open-flags {", """  flags modes { readable, writable, executable }
  variant access-type { access(modes), exists }
  flags open-flags {"""),
        ("filesystem", regex(r"(open-at: func\([^)]*%?flags: descriptor-flags)"), r"\1, modes: modes"),
        ("filesystem", "    unlink-file-at:", """    access-at: func(path-flags: path-flags, path: string, %type: access-type) -> result<_, error-code>;
    change-file-permissions-at: func(path-flags: path-flags, path: string, modes: modes) -> result<_, error-code>;
    change-directory-permissions-at: func(path-flags: path-flags, path: string, modes: modes) -> result<_, error-code>;
    lock-shared: func() -> result<_, error-code>;
    lock-exclusive: func() -> result<_, error-code>;
    try-lock-shared: func() -> result<_, error-code>;
    try-lock-exclusive: func() -> result<_, error-code>;
    unlock: func() -> result<_, error-code>;
    unlink-file-at:"""),
        ("sockets", "  use wasi:clocks/monotonic-clock@0.2.12.{duration};\n", ""),
        ("sockets", "    is-listening: func() -> bool;\n", ""),
        ("sockets", regex(r"    (set-)?keep-alive-(idle-time|interval|count): [^;]*;\n"), ""),
        ("sockets", "keep-alive-enabled", "keep-alive"),
        ("sockets", regex(r"    (set-)?hop-limit: "), r"    \1unicast-hop-limit: "),
        ("sockets", "    set-keep-alive:", """    no-delay: func() -> result<bool, error-code>;
    set-no-delay: func(value: bool) -> result<_, error-code>;
    set-keep-alive:"""),
        ("sockets", regex(r"  record incoming-datagram \{.*?\}\n  record outgoing-datagram \{.*?\}\n"), """  record datagram {
    data: list<u8>,
    remote-address: ip-socket-address,
  }
"""),
        ("sockets", regex(r"    %stream: func\([^;]*;\n"), """    start-connect: func(network: borrow<network>, remote-address: ip-socket-address) -> result<_, error-code>;
    finish-connect: func() -> result<_, error-code>;
    receive: func(max-results: u64) -> result<list<datagram>, error-code>;
    send: func(datagrams: list<datagram>) -> result<u64, error-code>;
"""),
        ("sockets", regex(r"  resource (incoming|outgoing)-datagram-stream \{.*?\n  \}\n"), ""),
        ("sockets", "use network.{network, error-code, ip-address};", "use network.{network, error-code, ip-address, ip-address-family};"),
        ("sockets", "name: string)", "name: string, address-family: option<ip-address-family>, include-unavailable: bool)"),
        ("http", "  use wasi:clocks/monotonic-clock@0.2.12.{duration};\n", ""),
        ("http", "  use wasi:io/error@0.2.12.{error as io-error};\n", ""),
        ("http", regex(r"  record DNS-error-payload .*?\n  variant header-error \{.*?\}\n"), """  variant error {
    invalid-url(string),
    timeout-error(string),
    protocol-error(string),
    unexpected-error(string),
  }
"""),
        ("http", regex(r"    constructor\(\);\n    from-list: [^;]*;\n"), "    constructor(entries: list<tuple<string, list<u8>>>);\n"),
        ("http", regex(r"  http-error-code: [^;]*;\n"), ""),
        ("http", "    has: func(name: field-name) -> bool;\n", ""),
        ("http", " -> result<_, header-error>", ""),
        ("http", regex(r"    constructor\(headers: headers\);\n    body: .*?\n  \}\n"), """    constructor(method: method, path-with-query: option<string>, scheme: option<scheme>,
      authority: option<string>, headers: borrow<headers>);
    write: func() -> result<outgoing-body>;
  }
"""),
        ("http", regex(r"  resource request-options \{.*?\n  \}\n"), """  record request-options {
    connect-timeout-ms: option<u32>,
    first-byte-timeout-ms: option<u32>,
    between-bytes-timeout-ms: option<u32>,
  }
"""),
        ("http", "option<result<result<option<trailers>, error-code>>>", "option<result<trailers, error>>"),
        ("http", regex(r"    constructor\(headers: headers\);\n    status-code: .*?\n  \}\n"), """    constructor(status-code: status-code, headers: borrow<headers>);
    write: func() -> result<outgoing-body>;
  }
"""),
        ("http", regex(r"(finish: static func\([^)]*option<trailers>,?\s*\)) -> result<_, error-code>"), r"\1"),
        ("http", "error-code", "error"),
    ],
}


def write_wit(folder, version):
    """The packages of that version, as a folder that wasm-tools reads; its world is `everything`."""
    wit = folder / version
    shutil.copytree(weft.root / "tests/wit/wasi-0.2.12", wit)
    texts = {}
    for file in wit.rglob("*.wit"):
        text = re.sub(r"\n *//[^\n]*", "", file.read_text())
        # What is not final yet came later.
        text = re.sub(r"@unstable\([^)]*\)\s*([a-z0-9%-]+:|use) [^;]*;", "", text)
        text = re.sub(r"@unstable\([^)]*\)\s*(interface|import) [^;{]*(;|\{.*?\n\})", "", text, flags=re.DOTALL)
        text = re.sub(r" *@(since|deprecated)\([^)]*\)\n", "", text)
        texts[file.stem] = re.sub(r"\n\s*\n", "\n", text)
    for file, old, new in CHANGES[version]:
        changed = old.sub(new, texts[file]) if isinstance(old, re.Pattern) else texts[file].replace(old, new)
        assert changed != texts[file], f"{file}.wit has no {old!r}"
        texts[file] = changed
    for file in wit.rglob("*.wit"):
        file.write_text(texts[file.stem].replace("@0.2.12", f"@{version}"))
    return wit
