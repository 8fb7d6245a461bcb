"""Python with Spin's own SDK, asynchronous (WASI 0.3). Its toolchain imports all that Spin has, used or not.

- `/`: one line of text
- `/count`: how often it was asked, from the store `default`
- `/names`: the rows of a database, which needs Spin's SQLite
"""
from spin_sdk import http, key_value, sqlite
from spin_sdk.http import Request, Response


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        match request.uri:
            case "/":
                return answer("Hello from Spin's Python\n")
            case "/count":
                with await key_value.open_default() as store:
                    count = int((await store.get("count")) or 0) + 1
                    await store.set("count", str(count).encode())
                return answer(f"{count}\n")
            case "/names":
                with await sqlite.Connection.open_default() as database:
                    await database.execute("SELECT name FROM names", [])
        return Response(404, {}, b"")


def answer(text):
    return Response(200, {"content-type": "text/plain"}, text.encode())
