"""The handset pages: one document; its module draws phones and desk."""

from pathlib import Path

from aiohttp import web

from messaging.simulator.auth import Handler

HERE = Path(__file__).parent
PAGE = (HERE / "pages" / "handsets.html").read_text()
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATIC = {path.name: path for path in (HERE / "static").iterdir() if path.suffix in TYPES}


def page(view: str) -> Handler:
    text = PAGE.replace("{view}", view)

    async def shown(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    return shown


async def static(request: web.Request) -> web.StreamResponse:
    path = STATIC.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8", headers=HEADERS
    )


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", page("phones")),
        web.get("/phones/{phone}/", page("phone")),
        web.get("/desk/", page("desk")),
        web.get("/static/{name}", static),
    ]
