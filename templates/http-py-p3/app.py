"""Answers every request."""
from weft_http_p3 import Request, Response, serve


async def handle(request: Request) -> Response:
    print(request.method, request.path)
    return Response(200, {"content-type": "text/plain"}, b"Hello from Python\n")


Handler = serve(handle)
