"""The pictures of codes: what WeCom's addresses of QR codes show, whether or not the code still lives (unverified)."""

import io
import re

import segno

from simulator.api.call import Request, Response

PREFIX = "/wwpic/"
_ADDRESS = re.compile(r"/wwpic/([0-9a-f]{32})/0")
_SCANNED = "https://work.weixin.qq.com/ca/{code}"
_DOTS = 8  # pixels of a module


def show(request: Request) -> Response:
    """Answer the picture of a code: a PNG that a phone can read."""
    found = _ADDRESS.fullmatch(request.path)
    if found is None or request.method not in {"GET", "HEAD"}:
        return Response(404, b"", "text/plain", code=404)
    out = io.BytesIO()
    segno.make(_SCANNED.format(code=found[1]), error="m", micro=False).save(out, kind="png", scale=_DOTS, border=4)
    return Response(200, out.getvalue(), "image/png")
