"""An API that is shared: everybody can end their own requests, and nobody's else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from drip import Dripper
from rest_server import CHANNEL, RestServer, Say

from kick_live import ClientClosed, KickAPI
from kick_live.net.callers import Caller
from kick_live.net.endpoints import Endpoints

PATH = "/api/v2/channels/amber-quokka"


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


class Asking:
    """A thread that asks for a channel, for a caller."""

    def __init__(self, api: KickAPI, caller: Caller) -> None:
        self.outcome: Any = None
        self._api, self._caller = api, caller
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._caller:
                self.outcome = self._api.channel("amber-quokka")
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.outcome = error

    @property
    def is_waiting(self) -> bool:
        return self._thread.is_alive()

    def result(self) -> Any:
        self._thread.join(5)
        assert not self._thread.is_alive(), "it is still blocked"
        return self.outcome


def test_a_caller_ends_its_own_request_and_no_other(server: RestServer) -> None:
    """Of two blocked requests only that of the closed caller fails; the other gets its answer."""
    both = threading.Semaphore(0)

    def held() -> Say:
        both.release()
        server.released.wait(20)
        return Say(CHANNEL)

    server.on(PATH, held)
    with KickAPI(server.endpoints, min_interval=0, timeout=20) as api:
        callers = api.caller(), api.caller()
        first, second = (Asking(api, caller) for caller in callers)
        assert both.acquire(timeout=5)
        assert both.acquire(timeout=5)
        callers[0].close()
        assert isinstance(first.result(), ClientClosed)
        assert second.is_waiting
        server.released.set()
        assert second.result().channel_id == 7733190
        assert (callers[0].closed, callers[1].closed, api.closed) == (True, False, False)
        assert api.channel("amber-quokka").channel_id == 7733190


def test_a_caller_ends_its_wait_for_the_pace(server: RestServer) -> None:
    """Nor does it wait for its turn once it is closed; the request is not sent."""
    server.on(PATH, Say(CHANNEL))
    with KickAPI(server.endpoints, min_interval=60) as api:
        api.channel("amber-quokka")
        caller = api.caller()
        asking = Asking(api, caller)
        caller.close()
        assert isinstance(asking.result(), ClientClosed)
    assert len(server.asked) == 1


def test_a_closed_caller_is_refused_at_once(server: RestServer) -> None:
    """After close nothing is sent for it; outside its context the thread may ask as before."""
    server.on(PATH, Say(CHANNEL))
    with KickAPI(server.endpoints, min_interval=0) as api:
        caller = api.caller()
        caller.close()
        caller.close()
        with caller, pytest.raises(ClientClosed):
            api.channel("amber-quokka")
        assert server.asked == []
        assert api.channel("amber-quokka").channel_id == 7733190


def test_contexts_may_be_nested(server: RestServer) -> None:
    """The innermost caller counts."""
    server.on(PATH, Say(CHANNEL))
    with KickAPI(server.endpoints, min_interval=0) as api:
        outer, inner = api.caller(), api.caller()
        inner.close()
        with outer:
            with inner, pytest.raises(ClientClosed):
                api.channel("amber-quokka")
            assert api.channel("amber-quokka").channel_id == 7733190


def test_closing_the_api_closes_every_caller(server: RestServer) -> None:
    """Whoever owns the API ends everything."""
    server.on(PATH, server.hold)
    api = KickAPI(server.endpoints, min_interval=0, timeout=20)
    caller = api.caller()
    asking = Asking(api, caller)
    assert server.arrived.wait(5)
    api.close()
    assert isinstance(asking.result(), ClientClosed)
    assert caller.closed
    with api.caller(), pytest.raises(ClientClosed):
        api.channel("amber-quokka")


def test_the_body_of_a_session_of_ones_own_is_interrupted(dripper: Any) -> None:
    """The socket is known once an answer has begun, whoever opened it."""
    peer: Dripper = dripper(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"a": "')
    with requests.Session() as session:
        endpoints = Endpoints.at(f"http://127.0.0.1:{peer.port}")
        with KickAPI(endpoints, session=session, retries=0, timeout=20) as api:
            caller = api.caller()
            asking = Asking(api, caller)
            assert peer.reached.wait(5)
            while peer.sent < 5:
                assert asking.is_waiting
                threading.Event().wait(0.005)
            caller.close()
            assert isinstance(asking.result(), ClientClosed)


def test_a_lookup_of_a_name_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's lookup cannot be interrupted, but nobody has to wait for it."""
    asked, released = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def hanging(host: Any, *args: Any) -> Any:
        if host == "hangs.example" and not args[-1] & socket.AI_NUMERICHOST:
            asked.set()
            released.wait(20)
            raise socket.gaierror("no such name")
        return real(host, *args)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    api = KickAPI(Endpoints.at("http://hangs.example"), retries=0, timeout=20, proxy="")
    try:
        asking = Asking(api, api.caller())
        assert asked.wait(5)
        api.close()
        assert isinstance(asking.result(), ClientClosed)
    finally:
        released.set()
