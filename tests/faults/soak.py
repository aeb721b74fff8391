"""Two clients, one over each protocol, follow 50 channels through random faults; all is accounted for.

Run ``python -m tests.faults.soak --minutes 60 --seed 7`` from the top of the repository. The seed is
printed, and decides which faults happen when.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from attrs import define

from kick_live import Event, KickAPI, KickClient
from kick_live.net.endpoints import Endpoints
from kick_live.session import backoff
from kick_live.testing import KickSimulator

from .ledger import Account, Ledger, Published
from .proxy import FaultProxy

__all__ = ["Report", "soak"]

HISTORY = "/api/v1/chat/"
NEGOTIATE = "/api/v1/realtime/connection"
TOKEN = "/api/v1/realtime/auth/connection"
CLOSES = (1000, 1001, 1011, 3000, 3004, 3005, 3008, 3012, 3014, 4000, 4100, 4200, 4201)
#: Codes that end an identity or an application are left to the matrix: what follows takes minutes.
PUSHER_CLOSES = (1000, 1001, 1011, 4100, 4200, 4201)


@define
class Report:
    """The figures of a run."""

    seed: int
    seconds: float
    channels: int
    published: int
    faults: Counter[str]
    accounts: dict[str, Account]
    reconnects: dict[str, int]
    attempts: int
    incomplete: Counter[str]
    memory_mb: tuple[float, float]

    def __str__(self) -> str:
        rate = self.published / self.seconds
        lines = [
            f"seed {self.seed}: {self.seconds:.0f} s, {self.channels} channels, "
            f"{self.published} messages ({rate:.0f} a second), each to 2 clients",
            f"{sum(self.faults.values())} faults: "
            + ", ".join(f"{count} {name}" for name, count in self.faults.most_common()),
            f"{self.attempts} attempts to connect; "
            f"memory {self.memory_mb[0]:.0f} MB at first, {self.memory_mb[1]:.0f} MB at the end",
        ]
        for name, found in self.accounts.items():
            lines.append(
                f"{name:>10}: {found.live} live, {found.recovered} recovered, "
                f"{found.announced} announced as lost, {found.silent} lost silently, "
                f"{found.twice} twice, {found.disordered} out of order, "
                f"{self.reconnects[name]} channel reconnections"
            )
        for reason, count in self.incomplete.most_common():
            lines.append(f"  incomplete {count} times: {reason}")
        return "\n".join(lines)


class _Troublemaker:
    """Makes faults, one at a time, each ended again."""

    def __init__(self, sim: KickSimulator, proxy: FaultProxy, source: random.Random) -> None:
        self._sim, self._proxy, self._source = sim, proxy, source
        self._stop = threading.Event()
        self.counts: Counter[str] = Counter()
        self.kinds: dict[str, Callable[[], object]] = {
            "resets of all": proxy.reset,
            "resets of some": lambda: proxy.reset_some(source),
            "half closes": proxy.half_close,
            "cuts": lambda: self._for_a_while(proxy.down.cut, 0.2),
            "silences": lambda: self._for_a_while(sim.go_silent, 2.0),
            "stalls": lambda: self._for_a_while(proxy.down.hold, 2.0),
            "black holes down": lambda: self._for_a_while(proxy.down.swallow, 2.5),
            "black holes up": lambda: self._for_a_while(proxy.up.swallow, 2.5),
            "delays": lambda: self._for_a_while(lambda: proxy.down.delay(0.1), 1.0),
            "refusals": lambda: self._after(sim.refuse_connections, 503, times=3),
            "late acknowledgements": lambda: self._after(sim.acknowledge_late, 0.2),
            "closes": self._close,
            "nonsense": lambda: sim.publish_frame("{not json"),
            "broken frames": lambda: sim.publish_bytes(b"\xff\xff"),
            "topics taken away": self._take_topic,
            "expired tokens": sim.expire_tokens,
            "history failures": lambda: self._after(sim.fail, HISTORY, 500, times=30),
            "history blocks": lambda: self._after(sim.fail, HISTORY, 403, times=5),
            "late histories": lambda: self._after(sim.delay, HISTORY, 0.05),
            "negotiation failures": lambda: self._after(sim.fail, NEGOTIATE, 500, times=3),
            "token failures": lambda: self._after(sim.fail, TOKEN, 503, times=3),
            "losses during backfill": self._twice,
        }

    def run(self, pause: float) -> None:
        """Make faults until ``stop``."""
        names = sorted(self.kinds)
        while not self._stop.wait(pause * self._source.uniform(0.5, 1.5)):
            name = self._source.choice(names)
            self.counts[name] += 1
            self.kinds[name]()
        self.heal()

    def stop(self) -> None:
        self._stop.set()

    def heal(self) -> None:
        """End whatever goes on."""
        self._sim.heal()
        lead_through(self._sim, self._proxy)
        self._proxy.heal()

    def _for_a_while(self, begin: Callable[[], object], seconds: float) -> None:
        begin()
        self._stop.wait(seconds)
        self.heal()

    def _after(self, begin: Callable[..., object], *args: Any, **options: Any) -> None:
        begin(*args, **options)
        self._proxy.reset()
        self._stop.wait(2.0)
        self.heal()

    def _close(self) -> None:
        code = self._source.choice(PUSHER_CLOSES)
        self._sim.close_connections(code, error_event=self._source.random() < 0.5)

    def _take_topic(self) -> None:
        channel = self._source.choice(list(self._sim.channels.values()))
        self._sim.unsubscribe_push(channel.chat_topic, self._source.choice((2500, 2502)))

    def _twice(self) -> None:
        self._sim.delay(HISTORY, 0.02)
        self._proxy.reset()
        self._stop.wait(self._source.uniform(1.0, 2.0))
        self._proxy.reset_some(self._source)
        self._stop.wait(0.5)
        self.heal()


def lead_through(sim: KickSimulator, proxy: FaultProxy) -> None:
    """Let the negotiation name the proxy."""
    url = f"ws://127.0.0.1:{proxy.port}/connection/websocket"
    connection = {"provider": "centrifugo", "credentials": {"url": url}}
    body = {"data": {"connections": [connection], "mode": "websocket"}, "message": "success"}
    sim.fail(NEGOTIATE, 200, body=body)


def _memory_mb() -> float:
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if "VmRSS" in line)


def _follow(client: KickClient, ledger: Ledger, done: threading.Event) -> None:
    client.on(Event, ledger.note)
    while not done.is_set():
        client.poll(0.2)


def soak(
    seconds: float,
    seed: int,
    *,
    channels: int = 50,
    rate: float = 100.0,
    pause: float = 25.0,
) -> Report:
    """Run it; blocks.

    Args:
        seconds: How long messages are said and faults made; what follows takes up to a minute.
        seed: Decides the faults.
        channels: How many channels.
        rate: Messages a second, over all channels.
        pause: Mean seconds between faults. With the real waits the client makes at most 30
            attempts in 10 minutes, so more than that would leave it waiting for good.
    """
    source = random.Random(seed)
    published = Published()
    with KickSimulator(ping_interval=1, token_ttl=30, history_page_size=25) as sim:
        port = urlsplit(sim.url).port
        assert port is not None
        for number in range(channels):
            sim.add_channel(f"heron-{number}")
        with FaultProxy(port) as proxy:
            lead_through(sim, proxy)
            pusher = sim.endpoints.pusher.replace(f":{port}", f":{proxy.port}")
            endpoints = Endpoints(site=sim.url, web=sim.url, pusher=pusher)
            return _soak(sim, proxy, endpoints, published, source, seconds, seed, rate, pause)


def _soak(
    sim: KickSimulator,
    proxy: FaultProxy,
    endpoints: Endpoints,
    published: Published,
    source: random.Random,
    seconds: float,
    seed: int,
    rate: float,
    pause: float,
) -> Report:
    done = threading.Event()
    ledgers = {name: Ledger() for name in ("pusher", "centrifugo")}
    apis = {name: KickAPI(endpoints, min_interval=0, timeout=5) for name in ledgers}
    clients = {
        name: KickClient(
            *sim.channels,
            transport=name,
            api=apis[name],
            activity_timeout=1.0,
            pong_timeout=1.0,
            ping_margin=1.0,
            remember_ids=False,
        )
        for name in ledgers
    }
    trouble = _Troublemaker(sim, proxy, source)
    threads = [threading.Thread(target=trouble.run, args=(pause,))] + [
        threading.Thread(target=_follow, args=(clients[name], ledgers[name], done))
        for name in ledgers
    ]
    try:
        for client in clients.values():
            client.connect(60)
        memory = _memory_mb()
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        _talk(sim, published, seconds, rate, random.Random(seed + 1))
        trouble.stop()
        threads[0].join()
        _say_last_words(sim, published, ledgers)
        elapsed = time.monotonic() - begin
        return Report(
            seed=seed,
            seconds=elapsed,
            channels=len(sim.channels),
            published=published.total,
            faults=trouble.counts,
            accounts={name: ledger.account(published.times) for name, ledger in ledgers.items()},
            reconnects={name: client.stats.reconnects for name, client in clients.items()},
            attempts=len(sim.connection_attempts),
            incomplete=sum((ledger.incomplete for ledger in ledgers.values()), Counter()),
            memory_mb=(memory, _memory_mb()),
        )
    finally:
        trouble.stop()
        done.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join(10)
        for closing in (*clients.values(), *apis.values()):
            closing.close()


def _talk(
    sim: KickSimulator, published: Published, seconds: float, rate: float, source: random.Random
) -> None:
    channels = list(sim.channels.values())
    begin = time.monotonic()
    said = 0
    while (elapsed := time.monotonic() - begin) < seconds:
        while said < elapsed * rate:
            channel = source.choice(channels)
            channel.chat(published.next_text(channel.slug))
            said += 1
        time.sleep(0.01)


def _say_last_words(
    sim: KickSimulator, published: Published, ledgers: dict[str, Ledger], timeout: float = 120.0
) -> None:
    """Say something everywhere until everybody has heard the last of it."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for channel in list(sim.channels.values()):
            channel.chat(published.next_text(channel.slug))
        counts = published.counts
        patience = time.monotonic() + 5
        while time.monotonic() < patience:
            if all(ledger.has(counts) for ledger in ledgers.values()):
                return
            time.sleep(0.05)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--channels", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--pause", type=float, default=25.0)
    parser.add_argument("--hurry", action="store_true", help="shorten the waits, for short runs")
    options = parser.parse_args()
    if options.hurry:
        backoff._LEAST, backoff._WINDOW = 0.3, 5.0  # type: ignore[misc]
    print(f"seed {options.seed}", flush=True)  # noqa: T201
    report = soak(
        60 * options.minutes,
        options.seed,
        channels=options.channels,
        rate=options.rate,
        pause=options.pause,
    )
    print(report)  # noqa: T201
    return 0 if all(account.is_clean for account in report.accounts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
