"""HTTP components of WASI 0.3 in Python: as weft_http, with functions that wait.

    from weft_http_p3 import Request, Response, serve

    async def handle(request: Request) -> Response:
        return Response(200, {"content-type": "text/plain"}, b"Hello\\n")

    Handler = serve(handle)

Made into a component by componentize-py for the world weft:http-guest/http-guest; it runs on every host of wasi:http 0.3.
"""
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Dict, Mapping, Optional

import wit_world
from componentize_py_async_support import spawn
from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import types

PIECE_BYTES = 65536


class BodyTooLarge(Exception):
    pass


class BodyBroken(Exception):
    pass


class Request:
    """A request as it came; body() reads the rest of it."""

    def __init__(self, incoming):
        self._incoming = incoming
        method = incoming.get_method()
        name = type(method).__name__
        self.method: str = method.value if name == "Method_Other" else name[7:].upper()
        self.path, _, self.query = (incoming.get_path_with_query() or "/").partition("?")
        with incoming.get_headers() as headers:
            # Names are in lower case; of several values the last.
            self.headers: Dict[str, str] = {name.lower(): value.decode("latin-1") for name, value in headers.copy_all()}

    async def body(self, max_bytes: int = 10 << 20) -> bytes:
        """All of the body; call it once. BodyTooLarge when it has more bytes, BodyBroken when not all of it came."""
        outcome, outcome_reader = wit_world.result_unit_types_error_code_future(lambda: Ok(None))
        stream, end = types.Request.consume_body(self._incoming, outcome_reader)
        pieces, size = [], 0
        with outcome, stream, end:
            while not stream.writer_dropped:
                piece = await stream.read(PIECE_BYTES)
                size += len(piece)
                if size > max_bytes:
                    raise BodyTooLarge(f"the body has more than {max_bytes} bytes")
                pieces.append(piece)
            ended = await end.read()
            if isinstance(ended, Err):
                raise BodyBroken(str(ended.value))
        return b"".join(pieces)


@dataclass
class Response:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


async def _send(body: bytes, stream, trailers) -> None:
    with trailers, stream:
        await stream.write_all(body)


def _respond(response: Response):
    headers = types.Fields.from_list([(name, value.encode("latin-1")) for name, value in response.headers.items()])
    stream, stream_reader = wit_world.byte_stream()
    trailers, trailers_reader = wit_world.result_option_types_fields_types_error_code_future(lambda: Ok(None))
    outgoing, sent = types.Response.new(headers, stream_reader, trailers_reader)
    outgoing.set_status_code(response.status)
    with sent:
        spawn(_send(response.body, stream, trailers))
    return outgoing


def serve(handle: Callable[[Request], Awaitable[Optional[Response]]]):
    """The class that componentize-py looks for. An exception of `handle` is status 500, with its trace on standard error."""

    class Handler(exports.Handler):
        async def handle(self, request):
            try:
                response = await handle(Request(request))
            except Exception:
                import traceback
                traceback.print_exc()
                response = Response(500, {"content-type": "text/plain"}, b"Internal Server Error\n")
            return _respond(response or Response(204))

    return Handler
