"""What guests answer, as far as it is theirs to say: to compare two ways of running them."""
import http.client
import itertools
import re

import weft

requests = [
    ("GET", "/", None),
    ("GET", "/a/b?c=d", None),
    ("POST", "/", b"some bytes"),
    ("PUT", "/x", b"x" * 100_000),
]
# What these guests are asked besides: each path ends in another way, or uses another part of WASI.
more_paths = {
    "misbehave-rust": ["/trap", "/panic", "/exit", "/deep-recursion", "/twice", "/short-body", "/stdout", "/env", "/remember?x", "/alloc"],
    "greeting": ["/hello", "/hello/World"],
}


# How a body is framed depends on whether all of it was there when the answer began.
by_timing = ("date", "content-length", "transfer-encoding", "server-timing")
# Whether the head had left when the guest's fault was found: a broken answer, or 500 in its place.
broken_by_timing = ("/short-body",)


def without_ports(value):
    return re.sub(r"(127\.0\.0\.1:)\d+", r"\1PORT", value)


def asked(server, name, repeat=2, more=()):
    """[what each request to the guest `name` is answered], `repeat` times each; `more` are paths to ask for too."""
    out = []
    wanted = itertools.chain(requests, (("GET", path, None) for path in (*more_paths.get(name, []), *more)))
    for method, path, body in wanted:
        for _ in range(repeat):
            try:
                status, headers, answer = server.request(method, path, body)
                if status == 500 and path in broken_by_timing:
                    raise http.client.HTTPException("no whole answer")
                named = sorted((key.lower(), without_ports(value)) for key, value in headers.items() if key.lower() not in by_timing)
                out.append((method, path, status, named, without_ports(answer.decode("latin1"))))
            except (http.client.HTTPException, OSError) as broken:
                out.append((method, path, "broken" if path in broken_by_timing else type(broken).__name__))
    return out


def answers(case, name, *flags, repeat=2):
    """The same of `weft up`; [] of one that asks for what weft does not have."""
    try:
        # How many requests an instance has answered before is a matter of time.
        up = weft.Up(weft.guest(name), "--max-instance-reuse-count", "1", *flags)
    except AssertionError as refused:
        # Nothing can be compared.
        case.assertIn("(not yet)", str(refused))
        return []
    with up:
        return asked(up, name, repeat)


def guests():
    """The names of those that answer requests."""
    # Commands and libraries do not, and parts of a composition not alone.
    alone = lambda name: not name.startswith("command-") and name not in (
        "core-c", "core-rust", "dependent-rust", "library-rust", "middleware-p3-rust", "values-c")
    names = sorted(path.stem for path in weft.guests.glob("*.wasm") if alone(path.stem))
    assert names, "no guests are built; ./dev guests"
    return names
