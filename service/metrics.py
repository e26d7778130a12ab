"""`/metrics`: what the web workers of this host do, for Prometheus (text format 0.0.4)."""

from collections.abc import Iterator

from flask import Blueprint, Response

from graph.parameters import parse_arguments
from graph.tally import cumulated
from service.operation import Operation, declared, given
from service.release_view import NoRelease, current_view
from service.sparql_endpoint import endpoint

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OUTCOMES = ("kept", "answered", "killed", "died", "refused", "limited")

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@declared(Operation("/metrics", "What the service is doing, for Prometheus", ("txt",), tag="Service"))
def show_metrics() -> Response:
    """The release and the query pools: workers, queue, how queries ended, and how long they took."""
    parse_arguments((), given())
    response = Response("".join(f"{line}\n" for line in (*_release(), *_pools())), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _release() -> Iterator[str]:
    try:
        release = current_view().release
    except NoRelease:
        return
    yield from _head("trivium_release", "gauge", "The number of the newest release.")
    yield f"trivium_release {release.number}"
    yield from _head("trivium_statements", "gauge", "How many statements the newest release has.")
    yield f"trivium_statements {release.quads}"


def _pools() -> Iterator[str]:
    total = endpoint().tally.total()
    yield from _head("trivium_query_workers", "gauge", "Processes that answer SPARQL, by what they do.")
    yield from (f'trivium_query_workers{{state="{one}"}} {total[one]:g}' for one in ("idle", "busy"))
    yield from _head("trivium_queries_waiting", "gauge", "Queries that wait for a process.")
    yield f"trivium_queries_waiting {total['waiting']:g}"
    yield from _head("trivium_query_network_open", "gauge", "Web workers whose query processes could reach a network.")
    yield f"trivium_query_network_open {total['open']:g}"
    yield from _head("trivium_query_workers_started_total", "counter", "Processes that were started.")
    yield f"trivium_query_workers_started_total {total['started']:.0f}"
    yield from _head(
        "trivium_queries_total",
        "counter",
        "Queries: given a kept answer, answered (errors too), killed at the limit of time, ended their process (died), "
        "refused because all were busy, limited by the client's share.",
    )
    yield from (f'trivium_queries_total{{outcome="{one}"}} {total[one]:.0f}' for one in OUTCOMES)
    yield from _head("trivium_query_seconds", "histogram", "How long queries took, waiting included.")
    for step, count in cumulated(total):
        yield f'trivium_query_seconds_bucket{{le="{"+Inf" if step == float("inf") else f"{step:g}"}"}} {count:.0f}'
    yield f"trivium_query_seconds_sum {total['seconds']:.6f}"
    yield f"trivium_query_seconds_count {count:.0f}"


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
