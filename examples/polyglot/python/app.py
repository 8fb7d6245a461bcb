from weft_http import Request, Response, serve


def handle(request: Request) -> Response:
    name = request.body().decode()
    return Response(200, {"content-type": "text/plain"}, f"Hello, {name}, from Python\n".encode())


IncomingHandler = serve(handle)
