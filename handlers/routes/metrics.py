"""GET /metrics: the counts of handlers/metrics.py, for clients with the token."""

import hmac

from quart import Blueprint, Response, abort, request

from handlers.metrics import Prometheus
from handlers.services import current_services, in_thread
from handlers.web.responses import Answer

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
async def show_metrics() -> Answer:
    """The counts in Prometheus' text form; 404 without a token in the settings, 401 for another one than that."""
    services = current_services()
    if services.metrics_token is None or not isinstance(services.metrics, Prometheus):
        abort(404)
    said = request.headers.get("Authorization", "")
    if not hmac.compare_digest(said.encode(errors="replace"), f"Bearer {services.metrics_token}".encode()):
        return Response("", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain; charset=utf-8")
    body, kind = await in_thread(services.metrics.print)
    return Response(body, content_type=kind)
