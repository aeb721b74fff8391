"""The rows of the fault matrix: in which phase, what goes wrong, on which protocols, and how.

A fault is inflicted on a stage, a simulator behind a proxy. ``Stage.heal`` ends every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from attrs import define, frozen

from kick_live.net.endpoints import Endpoints
from kick_live.testing import KickSimulator

from .proxy import FaultProxy

__all__ = ["FAULTS", "Fault", "Stage", "staged"]

RESOLVE = "/api/v2/channels/"
NEGOTIATE = "/api/v1/realtime/connection"
TOKEN = "/api/v1/realtime/auth/connection"
HISTORY = "/api/v1/chat/"
PAGE = "<!DOCTYPE html><html><body>sorry</body></html>"
BOTH = ("pusher", "centrifugo")
CENTRIFUGO = ("centrifugo",)
PUSHER = ("pusher",)
NONSENSE = ("not json", "[1,2,3]", "null", '{"event":5}', "{}{}", '{"push":[]}', "[" * 5000, "\n")


@define
class Stage:
    """A simulator whose sockets are reached through a proxy; its REST routes are not."""

    sim: KickSimulator
    proxy: FaultProxy
    channel: Any
    transport: str

    @property
    def endpoints(self) -> Endpoints:
        """Where a client finds it."""
        pusher = self.sim.endpoints.pusher
        port = urlsplit(pusher).port
        pusher = pusher.replace(f":{port}", f":{self.proxy.port}")
        return Endpoints(site=self.sim.url, web=self.sim.url, pusher=pusher)

    def heal(self) -> None:
        """End every fault."""
        self.sim.heal()
        if self.transport != "pusher":
            self._lead_through_proxy()
        self.proxy.heal()

    def _lead_through_proxy(self) -> None:
        url = f"ws://127.0.0.1:{self.proxy.port}/connection/websocket"
        connection = {"provider": "centrifugo", "credentials": {"url": url}}
        body = {"data": {"connections": [connection], "mode": "websocket"}, "message": "success"}
        self.sim.fail(NEGOTIATE, 200, body=body)


@contextmanager
def staged(transport: str, **options: Any) -> Iterator[Stage]:
    """A stage with one channel, for clients of that transport."""
    provider: Any = "pusher" if transport == "pusher" else "centrifugo"
    with KickSimulator(provider, **options) as sim:
        port = urlsplit(sim.url).port
        assert port is not None
        with FaultProxy(port) as proxy:
            stage = Stage(sim, proxy, sim.add_channel("amber-quokka"), transport)
            stage.heal()
            yield stage


@frozen
class Fault:
    """A row of the matrix.

    Attributes:
        phase: Where the client is when it happens.
        name: What happens.
        inflict: Begins it.
        transports: The protocols on which it can happen.
        error: The name of the typed error that ends the client, where that is right.
        drops: Whether the sockets are broken after the fault has begun, to lead into the phase.
    """

    phase: str
    name: str
    inflict: Callable[[Stage], object]
    transports: tuple[str, ...] = BOTH
    error: str | None = None
    drops: bool = True

    def __str__(self) -> str:
        return f"{self.phase}-{self.name.replace(' ', '_')}"


def _rest(phase: str, path: str, transports: tuple[str, ...]) -> list[Fault]:
    """What any REST request may meet."""
    return [
        *(
            Fault(
                phase,
                f"status {status}",
                lambda s, status=status: s.sim.fail(path, status, headers={"Retry-After": "0"}),
                transports,
            )
            for status in (401, 403, 404, 429, 500, 503)
        ),
        Fault(phase, "silence", lambda s: s.sim.hold(path), transports),
        Fault(phase, "late answer", lambda s: s.sim.delay(path, 0.4), transports),
        Fault(phase, "a page", lambda s: s.sim.fail(path, 200, body=PAGE), transports),
        Fault(phase, "no JSON", lambda s: s.sim.fail(path, 200, body="{oops"), transports),
        Fault(phase, "other JSON", lambda s: s.sim.fail(path, 200, body=[1, None]), transports),
        Fault(phase, "no data", lambda s: s.sim.fail(path, 200, body={"data": 7}), transports),
    ]


def _then_close(code: int, **options: Any) -> Callable[[Stage], object]:
    return lambda s: s.sim.close_connections(code, **options)


def _during_subscribe(stage: Stage, what: Callable[[], object]) -> None:
    """Let the acknowledgements wait, and do something to the next socket meanwhile."""
    stage.sim.acknowledge_late(0.3)
    stage.sim.drop_connections()
    stage.sim.wait_for_connections(0)
    stage.sim.wait_for_connections(1, timeout=5)
    what()


def _frames(stage: Stage) -> None:
    for text in NONSENSE:
        stage.sim.publish_frame(text)


_PUSHER_CODES = (4100, 4200, 4201, 4301, 1000, 1001, 1011)
_CENTRIFUGO_CODES = (3000, 3004, 3005, 3008, 3012, 3014, 3500, 3503, 4000, 4500, 5000, 1000, 1009)

_LIVE = [
    Fault("live", "drop", lambda s: None),
    Fault("live", "reset", lambda s: s.proxy.reset(), drops=False),
    Fault("live", "half close", lambda s: s.proxy.half_close(), drops=False),
    Fault("live", "silence", lambda s: s.sim.go_silent(), drops=False),
    Fault("live", "black hole", lambda s: s.proxy.down.swallow(), drops=False),
    Fault("live", "nonsense", _frames, drops=False),
    Fault("live", "no UTF-8", lambda s: s.sim.publish_bytes(b"\x81\x02\xff\xff"), drops=False),
    Fault("live", "broken frame", lambda s: s.sim.publish_bytes(b"\xff\xff\xff\xff"), drops=False),
    Fault(
        "live",
        "frame of 100 MB",
        lambda s: s.sim.publish_bytes(b"\x81\x7f" + (100 << 20).to_bytes(8, "big") + b"{" * 9),
        drops=False,
    ),
    Fault("live", "late", lambda s: s.proxy.down.delay(0.3), drops=False),
    Fault("live", "tokens end", lambda s: s.sim.expire_tokens(), CENTRIFUGO, drops=False),
    Fault(
        "live",
        "topic taken away",
        lambda s: s.sim.unsubscribe_push(s.channel.chat_topic),
        CENTRIFUGO,
        drops=False,
    ),
    *(
        Fault("live", f"close {code}", _then_close(code, error_event=False), PUSHER, drops=False)
        for code in _PUSHER_CODES
    ),
    *(
        Fault("live", f"error event {code}", _then_close(code), PUSHER, drops=False)
        for code in _PUSHER_CODES
        if code >= 4000
    ),
    *(
        Fault("live", f"close {code}", _then_close(code), CENTRIFUGO, drops=False)
        for code in _CENTRIFUGO_CODES
    ),
    *(
        Fault(
            "live",
            f"disconnect push {code}",
            lambda s, code=code: s.sim.disconnect_push(code),
            CENTRIFUGO,
            drops=False,
        )
        for code in (3000, 3014, 3503, 4500)
    ),
    Fault("live", "close 4001 once", _then_close(4001), PUSHER, drops=False),
]

_OPEN = [
    *(
        Fault("open", f"status {status}", lambda s, status=status: s.sim.refuse_connections(status))
        for status in (403, 404, 429, 500, 503)
    ),
    Fault("open", "drop", lambda s: s.sim.accept_then_close()),
    Fault("open", "refused", lambda s: setattr(s.proxy, "refusing", True)),
    Fault("open", "silence", lambda s: s.proxy.down.swallow()),
    Fault("open", "held", lambda s: s.proxy.down.hold()),
    Fault("open", "garbage", lambda s: s.proxy.down.garble()),
    Fault("open", "cut", lambda s: s.proxy.down.cut(20)),
    Fault("open", "late answer", lambda s: s.proxy.down.delay(0.3)),
]

_GREETING = [
    Fault("greeting", "silence", lambda s: s.sim.go_silent()),
    *(
        Fault(
            "greeting",
            f"refused {code}",
            lambda s, code=code: s.sim.refuse_connections(code, times=2),
            PUSHER,
        )
        for code in (4100, 4200, 4301, 1011)
    ),
    Fault("greeting", "4001 once", lambda s: s.sim.refuse_connections(4001, times=1), PUSHER),
    Fault(
        "greeting",
        "4001 again and again",
        lambda s: s.sim.refuse_connections(4001),
        PUSHER,
        error="ConnectionRejected",
    ),
    *(
        Fault(
            "greeting",
            f"refused {code}",
            lambda s, code=code: s.sim.refuse_connections(code, times=2),
            CENTRIFUGO,
        )
        for code in (100, 101, 109, 3000, 3005, 3501, 3504, 4000, 4500, 1009)
    ),
]

_SUBSCRIBE = [
    Fault("subscribe", "late", lambda s: s.sim.acknowledge_late(0.3)),
    Fault(
        "subscribe",
        "drop",
        lambda s: _during_subscribe(s, s.sim.drop_connections),
        drops=False,
    ),
    Fault("subscribe", "nonsense", lambda s: _during_subscribe(s, lambda: _frames(s)), drops=False),
    Fault(
        "subscribe",
        "close",
        lambda s: _during_subscribe(s, lambda: s.sim.close_connections(1011)),
        drops=False,
    ),
    Fault(
        "subscribe",
        "silence",
        lambda s: _during_subscribe(s, s.sim.go_silent),
        drops=False,
    ),
    Fault("subscribe", "no topic in it", lambda s: s.sim.omit_ack_topic(), PUSHER),
    Fault(
        "subscribe",
        "refused for now",
        lambda s: s.sim.refuse_topic(s.channel.chat_topic, 100, temporary=True, times=1),
        CENTRIFUGO,
    ),
]

FAULTS: tuple[Fault, ...] = (
    *_rest("negotiate", NEGOTIATE, CENTRIFUGO),
    *_rest("token", TOKEN, CENTRIFUGO),
    *_OPEN,
    *_GREETING,
    *_SUBSCRIBE,
    *_LIVE,
    *_rest("backfill", HISTORY, BOTH),
)
