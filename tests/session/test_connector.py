"""Connector: which provider, which address, which identity."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import pytest
from fake_api import FakeAPI
from servers.process import wait_until

from kick_live.errors import (
    Blocked,
    ClientClosed,
    ConnectionRejected,
    NegotiationFailed,
    ServerError,
)
from kick_live.net.negotiation import Route
from kick_live.protocols.base import Action, Failed
from kick_live.session.connector import Connector
from kick_live.session.routes import Routes

CENTRIFUGO_URL = "wss://realtime.us-west-2.platform.kick.com/connection/websocket"
DEFAULT_KEY = "32cbd69e4b950bf97679"
TOKEN = {"data": {"token": "token-1"}}


def offer(provider: str, key: str = "freshkey") -> dict[str, Any]:
    """The service's answer."""
    credentials = (
        {"url": CENTRIFUGO_URL} if provider == "centrifugo" else {"app_key": key, "cluster": "us2"}
    )
    return {"data": {"connections": [{"provider": provider, "credentials": credentials}]}}


CENTRIFUGO, PUSHER = offer("centrifugo"), offer("pusher")


class Table:
    """A connector with a clock that the test moves, and a service that answers from a list."""

    def __init__(self, transport: Any, *answers: Any, token: Any = TOKEN) -> None:
        self.now = 0.0
        self.api = FakeAPI({"connection": list(answers), "token": [token]})
        self.connector = Connector(self.api, transport, lambda: self.now, lambda: 0.0)  # type: ignore[arg-type]

    @property
    def accepted(self) -> list[str]:
        """The providers that the last negotiation offered to take."""
        body = [body for name, body in self.api.calls if name == "connection"][-1]
        return [item["provider"] for item in body["capabilities"]["accepted_providers"]]

    @property
    def identity(self) -> str:
        """The client id of the last negotiation."""
        return [body for name, body in self.api.calls if name == "connection"][-1]["client"]["id"]

    def plan_with(self, *providers: str) -> None:
        """Make a plan, for which these are offered to the service."""
        self.connector.plan()
        assert self.accepted == list(providers)

    def fail(self, provider: Any, action: Action, code: int | None = None) -> float:
        """A connection fails; the least wait that follows."""
        return self.connector.failed(provider, Failed(action, code, "words"))


def test_auto_takes_what_kick_names_first() -> None:
    """Both providers are offered; Centrifugo gets a token for the same identity."""
    table = Table("auto", CENTRIFUGO)
    plan = table.connector.plan()
    assert (plan.route.provider, plan.route.url) == ("centrifugo", CENTRIFUGO_URL)
    assert plan.token is not None
    assert plan.token.value == "token-1"
    assert table.accepted == ["pusher", "centrifugo"]
    assert table.api.calls[-1] == ("token", {"client_id": table.identity})


def test_auto_takes_pusher_with_the_key_that_kick_names() -> None:
    """No token is needed."""
    plan = Table("auto", PUSHER).connector.plan()
    assert plan.route.url.startswith("wss://ws-us2.pusher.com/app/freshkey?")
    assert plan.token is None


def test_pusher_alone_asks_nobody() -> None:
    """The known key is used without any request."""
    table = Table("pusher")
    plan = table.connector.plan()
    assert DEFAULT_KEY in plan.route.url
    assert table.api.calls == []


def test_centrifugo_alone_offers_nothing_else() -> None:
    """And does not fall back."""
    table = Table("centrifugo", CENTRIFUGO, Blocked("no"))
    table.connector.plan()
    assert table.accepted == ["centrifugo"]
    table.fail("centrifugo", Action.BACK_OFF)
    with pytest.raises(Blocked):
        table.connector.plan()


@pytest.mark.parametrize("answer", [Blocked("no"), NegotiationFailed("odd"), {"data": {}}])
def test_auto_falls_back_to_the_known_key(answer: Any) -> None:
    """A service that refuses, or offers nothing usable, is no obstacle."""
    plan = Table("auto", answer).connector.plan()
    assert plan.route.provider == "pusher"
    assert DEFAULT_KEY in plan.route.url


def test_auto_falls_back_without_a_token() -> None:
    """A Centrifugo connection that cannot be had is as good as none."""
    plan = Table("auto", CENTRIFUGO, token=Blocked("no")).connector.plan()
    assert plan.route.provider == "pusher"


def test_a_closed_client_is_told_so() -> None:
    """Closing is no failure of the negotiation."""
    with pytest.raises(ClientClosed):
        Table("auto", ClientClosed("closed")).connector.plan()


def test_a_new_token_is_for_the_same_identity() -> None:
    """The server would refuse another one's."""
    table = Table("centrifugo", CENTRIFUGO)
    table.connector.plan()
    assert table.connector.token().value == "token-1"
    assert table.api.calls[-1] == ("token", {"client_id": table.identity})


# -- ordinary failures


def test_three_failures_before_a_subscription_change_the_provider() -> None:
    """For five minutes the other one is asked for; then both again."""
    table = Table("auto", CENTRIFUGO)
    for _ in range(3):
        table.connector.plan()
        assert table.accepted == ["pusher", "centrifugo"]
        assert table.fail("centrifugo", Action.BACK_OFF) == 0.0
    table.connector.plan()
    assert table.accepted == ["pusher"]
    table.now = 300.0
    table.connector.plan()
    assert table.accepted == ["pusher", "centrifugo"]


def test_a_subscription_in_between_counts_anew() -> None:
    """A provider that works now and then is kept."""
    table = Table("auto", CENTRIFUGO)
    for _ in range(5):
        table.fail("centrifugo", Action.BACK_OFF)
        table.connector.subscribed("centrifugo")
    table.connector.plan()
    assert table.accepted == ["pusher", "centrifugo"]


def test_where_both_fail_both_are_tried() -> None:
    """The first failure of the other one is enough: it does no better."""
    table = Table("auto", CENTRIFUGO)
    for _ in range(3):
        table.fail("pusher", Action.BACK_OFF)
    table.plan_with("centrifugo")
    table.fail("centrifugo", Action.BACK_OFF)
    table.plan_with("pusher", "centrifugo")


def test_a_service_that_is_away_brings_pusher_back() -> None:
    """It was left out in favour of another one, which is not to be had; its key needs no service."""
    table = Table("auto", Blocked("no"))
    for _ in range(3):
        table.fail("pusher", Action.BACK_OFF)
    plan = table.connector.plan()
    assert table.accepted == ["centrifugo"]
    assert DEFAULT_KEY in plan.route.url


def test_a_provider_that_failed_is_asked_for_again_where_the_other_is_not_to_be_had() -> None:
    """A server that was away for some seconds is not avoided for minutes."""
    table = Table("auto", {"data": {"connections": []}}, PUSHER)
    for _ in range(3):
        table.fail("pusher", Action.BACK_OFF)
    with pytest.raises(NegotiationFailed) as caught:
        table.connector.plan()
    assert table.accepted == ["centrifugo"]
    table.connector.negotiation_failed(caught.value, Failed(Action.BACK_OFF))
    assert "/app/freshkey?" in table.connector.plan().route.url
    assert table.accepted == ["pusher", "centrifugo"]


def test_the_loss_of_a_connection_that_worked_counts_for_nothing() -> None:
    """Three attempts in a row must fail, however often the server was lost before."""
    table = Table("auto", CENTRIFUGO)
    table.connector.subscribed("centrifugo")
    for _ in range(3):
        table.connector.plan()
        assert table.accepted == ["pusher", "centrifugo"]
        table.fail("centrifugo", Action.BACK_OFF)
    table.connector.plan()
    assert table.accepted == ["pusher", "centrifugo"]


def test_a_chosen_provider_is_never_changed() -> None:
    """The user's word counts."""
    table = Table("pusher")
    for _ in range(10):
        assert table.fail("pusher", Action.RECONNECT, 4200) == 0.0
    assert table.connector.plan().route.provider == "pusher"


# -- terminal codes


def test_a_terminal_code_changes_the_identity_and_the_provider() -> None:
    """In auto the other one is tried at once."""
    table = Table("auto", CENTRIFUGO)
    table.connector.plan()
    before = table.identity
    assert table.fail("centrifugo", Action.TERMINAL, 3500) == 0.0
    table.connector.plan()
    assert table.accepted == ["pusher"]
    assert table.identity != before


def test_without_another_provider_terminal_codes_are_waited_out() -> None:
    """5, 10, 20, then 30 minutes, each with a new identity."""
    table = Table("centrifugo", CENTRIFUGO)
    identities = set()
    waits = []
    for _ in range(5):
        table.connector.plan()
        identities.add(table.identity)
        waits.append(table.fail("centrifugo", Action.TERMINAL, 3500))
    assert waits == [300.0, 600.0, 1200.0, 1800.0, 1800.0]
    assert len(identities) == 5


def test_terminal_codes_of_last_month_are_forgotten() -> None:
    """Waits grow only while the codes keep coming."""
    table = Table("centrifugo", CENTRIFUGO)
    for month in range(3):
        table.now = month * 2_600_000.0
        assert table.fail("centrifugo", Action.TERMINAL, 3500) == 300.0


def test_a_terminal_code_leads_to_the_other_provider_though_it_failed_before() -> None:
    """Failures alone forbid nothing."""
    table = Table("auto", CENTRIFUGO)
    for _ in range(3):
        table.fail("pusher", Action.BACK_OFF)
    assert table.fail("centrifugo", Action.TERMINAL, 3500) == 0.0
    table.connector.plan()
    assert table.accepted == ["pusher"]


# -- credentials that are turned down


def test_rejected_credentials_are_asked_for_anew_once() -> None:
    """Even with Pusher alone, the service is asked for the rotated key."""
    table = Table("pusher", PUSHER)
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    assert "/app/freshkey?" in table.connector.plan().route.url
    assert table.accepted == ["pusher"]
    with pytest.raises(ConnectionRejected) as caught:
        table.fail("pusher", Action.RENEGOTIATE, 4001)
    error = caught.value
    assert (error.provider, error.code, error.reason) == ("pusher", 4001, "words")
    assert "4001" in str(error)
    assert "words" in str(error)


def test_fresh_credentials_that_work_are_trusted_again() -> None:
    """A second rejection, much later, gets its second chance."""
    table = Table("pusher", PUSHER)
    table.fail("pusher", Action.RENEGOTIATE, 4001)
    table.connector.plan()
    table.connector.subscribed("pusher")
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0


def test_auto_tries_the_other_provider_before_it_gives_up() -> None:
    """Fresh credentials first, then the other provider, then the error."""
    table = Table("auto", PUSHER, CENTRIFUGO)
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    table.connector.plan()
    assert table.accepted == ["pusher", "centrifugo"]
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    table.connector.plan()
    assert table.accepted == ["centrifugo"]
    with pytest.raises(ConnectionRejected):
        table.fail("centrifugo", Action.RENEGOTIATE, 4001)


def test_rejected_credentials_do_not_end_what_another_provider_may_give() -> None:
    """A provider that only failed a few times, long ago or just now, is tried again."""
    table = Table("auto", PUSHER, CENTRIFUGO)
    for _ in range(3):
        table.fail("centrifugo", Action.BACK_OFF)
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    table.plan_with("pusher")
    for _ in range(3):
        assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    table.plan_with("centrifugo")


def test_rejected_credentials_wait_for_an_identity_of_the_other_provider() -> None:
    """After its terminal code that one has minutes to wait, which end in a connection."""
    table = Table("auto", PUSHER, CENTRIFUGO)
    assert table.fail("centrifugo", Action.TERMINAL, 3500) == 0.0
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 0.0
    table.connector.plan()
    table.now = 100.0
    assert table.fail("pusher", Action.RENEGOTIATE, 4001) == 200.0
    table.now = 300.0
    assert table.connector.plan().route.provider == "centrifugo"


def test_credentials_that_could_not_be_asked_for_are_asked_for_again() -> None:
    """A service that is away for a moment says nothing about a key that was rotated."""
    away = ServerError("away")
    table = Table("auto", away, away, PUSHER)
    last = Failed(Action.RENEGOTIATE, 4001, "")
    assert table.connector.failed("pusher", last) == 0.0
    with pytest.raises(ServerError):
        table.connector.plan()
    table.connector.negotiation_failed(away, last)
    assert DEFAULT_KEY in table.connector.plan().route.url
    assert table.connector.failed("pusher", last) == 0.0
    assert "/app/freshkey?" in table.connector.plan().route.url


def test_pusher_alone_asks_again_for_credentials_that_could_not_be_asked_for() -> None:
    """The error is for a service that has none."""
    away = ServerError("away")
    table = Table("pusher", away, PUSHER)
    last = Failed(Action.RENEGOTIATE, 4001, "")
    table.connector.failed("pusher", last)
    with pytest.raises(ServerError):
        table.connector.plan()
    table.connector.negotiation_failed(away, last)
    assert "/app/freshkey?" in table.connector.plan().route.url


NOTHING: dict[str, Any] = {"data": {"connections": []}}


def test_rejections_are_no_end_for_what_worked_before() -> None:
    """A server may turn everybody down for some seconds."""
    table = Table("auto", PUSHER, NOTHING, PUSHER)
    table.connector.subscribed("pusher")
    last = Failed(Action.RENEGOTIATE, 4004, "over quota")
    table.connector.failed("pusher", last)
    table.plan_with("pusher", "centrifugo")
    table.connector.failed("pusher", last)
    with pytest.raises(NegotiationFailed) as caught:
        table.connector.plan()
    table.connector.negotiation_failed(caught.value, last)
    assert table.connector.plan().route.provider == "pusher"


@pytest.mark.parametrize("offers", [[PUSHER, NOTHING], [NOTHING]])
def test_rejections_are_the_end_where_nothing_worked_and_nothing_else_is_offered(
    offers: list[Any],
) -> None:
    """With the server's words, not with a time-out."""
    table = Table("auto", *offers)
    last = Failed(Action.RENEGOTIATE, 4004, "over quota")
    table.connector.failed("pusher", last)
    if len(offers) == 2:
        table.connector.plan()
        table.connector.failed("pusher", last)
    with pytest.raises(NegotiationFailed) as caught:
        table.connector.plan()
    with pytest.raises(ConnectionRejected, match="over quota"):
        table.connector.negotiation_failed(caught.value, last)


def test_auto_does_not_fall_back_to_a_key_that_was_turned_down() -> None:
    """While fresh credentials are wanted, the known key is no way out."""
    table = Table("auto", Blocked("no"))
    table.fail("pusher", Action.RENEGOTIATE, 4001)
    with pytest.raises(Blocked):
        table.connector.plan()


def test_without_fresh_credentials_pusher_alone_gives_up() -> None:
    """The error is the server's rejection, with the failed negotiation as its cause."""
    table = Table("pusher", Blocked("no"))
    last = Failed(Action.RENEGOTIATE, 4001, "")
    table.connector.failed("pusher", last)
    with pytest.raises(Blocked) as blocked:
        table.connector.plan()
    with pytest.raises(ConnectionRejected) as caught:
        table.connector.negotiation_failed(blocked.value, last)
    assert caught.value.__cause__ is blocked.value


def test_auto_goes_on_after_a_failed_negotiation() -> None:
    """The next plan may fall back again."""
    table = Table("auto", Blocked("no"))
    last = Failed(Action.RENEGOTIATE, 4001, "")
    table.connector.failed("pusher", last)
    table.connector.negotiation_failed(Blocked("no"), last)
    assert table.connector.plan().route.provider == "pusher"
    table.connector.negotiation_failed(Blocked("no"), None)


def _pair(clock: list[float], *answers: Any) -> tuple[FakeAPI, list[Connector]]:
    """Two connectors of one client, and the service."""
    api = FakeAPI({"connection": list(answers), "token": [TOKEN]})
    routes = Routes(lambda: clock[0])
    connectors = [
        Connector(api, "auto", lambda: clock[0], lambda: 0.0, routes=routes)  # type: ignore[arg-type]
        for _ in range(2)
    ]
    return api, connectors


def test_connections_of_one_client_share_a_negotiation() -> None:
    """Within a minute one answer serves all; each has an identity and a token of its own."""
    clock = [0.0]
    api, (one, other) = _pair(clock, CENTRIFUGO)
    assert one.plan().route == other.plan().route
    assert [name for name, _ in api.calls] == ["connection", "token", "token"]
    assert api.calls[1] != api.calls[2]
    clock[0] = 60.0
    other.plan()
    assert [name for name, _ in api.calls[3:]] == ["connection", "token"]


def test_a_shared_answer_is_not_used_after_a_failure() -> None:
    """What failed one connection is not offered to the next."""
    _, (one, other) = _pair([0.0], CENTRIFUGO, PUSHER)
    one.plan()
    one.failed("centrifugo", Failed(Action.BACK_OFF))
    assert other.plan().route.provider == "pusher"


def test_a_failure_is_shared_by_those_that_wait_for_it() -> None:
    """A service that hangs is waited for once, not by one connection after the other."""
    routes = Routes(time.monotonic)
    asked: list[int] = []
    failures: list[Exception] = []
    begun, over = threading.Event(), threading.Event()

    def ask() -> Route:
        asked.append(1)
        begun.set()
        over.wait(10)
        raise ServerError("away")

    def get() -> None:
        try:
            routes.get(("pusher",), ask)
        except ServerError as error:
            failures.append(error)

    threads = [threading.Thread(target=get) for _ in range(4)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: sum(map(_waits_for_lock, threads)) == 3, 10, "the others")
    over.set()
    for thread in threads:
        thread.join(10)
    assert (len(asked), len(failures)) == (1, 4)
    with pytest.raises(ServerError):
        routes.get(("pusher",), ask)
    assert len(asked) == 2


def _waits_for_lock(thread: threading.Thread) -> bool:
    """Whether a thread is inside ``get`` itself, where nothing but the lock takes time."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is Routes.get.__code__
