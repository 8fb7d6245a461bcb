"""Answers every request."""
from weft_http import Request, Response, serve


def handle(request: Request) -> Response:
    print(request.method, request.path)
    return Response(200, {"content-type": "text/plain"}, b"Hello from Python\n")


IncomingHandler = serve(handle)
