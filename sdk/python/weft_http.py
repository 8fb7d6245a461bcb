"""HTTP components in Python: write a function from a Request to a Response, and put what serve() makes of it into app.py.

    from weft_http import Request, Response, serve

    def handle(request: Request) -> Response:
        return Response(200, {"content-type": "text/plain"}, b"Hello\\n")

    IncomingHandler = serve(handle)

Made into a component by componentize-py for the world weft:guest/http-guest; it runs on every host of wasi:http 0.2.
"""
from dataclasses import dataclass, field
from typing import Callable, Dict, Mapping, Optional

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import types
from wit_world.imports.streams import StreamError_Closed

# What one blocking write takes at most.
PIECE_BYTES = 4096


class BodyTooLarge(Exception):
    pass


class Request:
    """A request as it came; body() reads the rest of it."""

    def __init__(self, incoming):
        self._incoming = incoming
        method = type(incoming.method())
        self.method: str = incoming.method().value if method.__name__ == "Method_Other" else method.__name__[7:].upper()
        self.path, _, self.query = (incoming.path_with_query() or "/").partition("?")
        # Names are in lower case; of several values the last.
        self.headers: Dict[str, str] = {name.lower(): value.decode("latin-1") for name, value in incoming.headers().entries()}

    def body(self, max_bytes: int = 10 << 20) -> bytes:
        """All of the body; call it once. BodyTooLarge when it has more bytes."""
        pieces, size = [], 0
        with self._incoming.consume() as incoming_body, incoming_body.stream() as stream:
            while True:
                try:
                    piece = stream.blocking_read(65536)
                except Err as end:
                    if isinstance(end.value, StreamError_Closed):
                        return b"".join(pieces)
                    raise
                size += len(piece)
                if size > max_bytes:
                    raise BodyTooLarge(f"the body has more than {max_bytes} bytes")
                pieces.append(piece)


@dataclass
class Response:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def _respond(response: Response, out) -> None:
    headers = types.Fields.from_list([(name, value.encode("latin-1")) for name, value in response.headers.items()])
    outgoing = types.OutgoingResponse(headers)
    outgoing.set_status_code(response.status)
    body = outgoing.body()
    types.ResponseOutparam.set(out, Ok(outgoing))
    with body.write() as stream:
        for at in range(0, len(response.body), PIECE_BYTES):
            stream.blocking_write_and_flush(response.body[at:at + PIECE_BYTES])
    types.OutgoingBody.finish(body, None)


def serve(handle: Callable[[Request], Optional[Response]]):
    """The class that componentize-py looks for. An exception of `handle` is status 500, with its trace on standard error."""

    class IncomingHandler(exports.IncomingHandler):
        def handle(self, request, response_out):
            try:
                response = handle(Request(request))
            except Exception:
                import traceback
                traceback.print_exc()
                response = Response(500, {"content-type": "text/plain"}, b"Internal Server Error\n")
            _respond(response or Response(204), response_out)

    return IncomingHandler
