"""Forks, and what only some systems have."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.process import wait_until

import kick_live
from kick_live import ChannelRef, ChatMessage, ClientClosed, KickAPI, KickClient
from kick_live.testing import KickSimulator

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def _in_child(work: Callable[[], str]) -> str:
    """Run something in a forked child; gives its answer, or what it raised."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001 - the parent judges it
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode()[:4000])
        os._exit(0)
    os.close(writer)
    deadline = time.monotonic() + 15
    try:
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                pytest.fail("the child hangs")
            time.sleep(0.01)
        return os.read(reader, 4000).decode()
    finally:
        os.close(reader)


@needs_fork
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_child_that_closes_leaves_the_parents_lookup_alone(sim: KickSimulator) -> None:
    """Its sockets are the parent's, too; nothing is waited for, since the threads stayed behind."""
    sim.hold("/api/v2/channels/amber-quokka")
    client = KickClient("amber-quokka", endpoints=sim.endpoints, transport="pusher")
    with client:
        connected: list[object] = []
        thread = threading.Thread(target=lambda: connected.append(client.connect(15)))
        before = len(sim.requests)
        thread.start()
        wait_until(lambda: len(sim.requests) > before, 5, "the lookup")

        def work() -> str:
            client.close()
            return f"{client.closed} {client.channels} {client.stats.connections}"

        assert _in_child(work) == "True () 0"
        sim.heal()
        thread.join(15)
        assert connected


@needs_fork
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("call", ["run", "poll", "wait_for", "events", "close and run"])
@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_a_connected_client_says_that_it_does_not_work_in_a_child(
    sim: KickSimulator, api: KickAPI, transport: str, call: str
) -> None:
    """Every way of taking events raises ClientClosed, and the parent's connection goes on."""
    client = KickClient("amber-quokka", transport=transport, api=api)  # type: ignore[arg-type]
    with client:
        client.connect(10)
        client.wait_for("connected", 5)

        def work() -> str:
            if call == "close and run":
                client.close()
                client.run(timeout=1)
                return "nothing"
            if call == "wait_for":
                return repr(client.wait_for(ChatMessage, 3))
            if call == "events":
                return repr(next(iter(client.events(3))))
            return repr(getattr(client, call)(3))

        answer = _in_child(work)
        if call == "close and run":
            assert answer.startswith("ClientClosed: ")
        else:
            assert answer.startswith("ClientClosed: ")
            assert "fork" in answer
            assert "KickClient in the child" in answer
        sim.channel("amber-quokka").chat("the parent still hears")
        client.wait_for(ChatMessage, 10)
        assert client.stats.reconnects == 0


@needs_fork
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_client_of_its_own_works_in_a_child(sim: KickSimulator) -> None:
    """One that was made before the fork and not connected yet works as well."""
    channel = sim.channel("amber-quokka")
    ref = ChannelRef("amber-quokka", channel.channel_id, channel.chatroom_id)
    client = KickClient(ref, transport="pusher", endpoints=sim.endpoints)

    def work() -> str:
        with client:
            return client.connect(10).transport

    assert _in_child(work) == "pusher"
    with client:
        assert client.connect(10).transport == "pusher"


def test_forked_is_a_kind_of_closed() -> None:
    """Programs catch it as they catch the use of a closed client."""
    from kick_live.session.process import check_process, is_foreign

    check_process(os.getpid())
    assert not is_foreign(os.getpid())
    with pytest.raises(ClientClosed, match="forked"):
        check_process(os.getpid() + 1)


def test_the_package_uses_nothing_that_windows_lacks() -> None:
    """No pipes to wait on, no signals and no POSIX modules outside the command line.

    Two files have another way beside, which their own tests take as well.
    """
    package = Path(kick_live.__file__).parent
    posix = re.compile(
        r"\bos\.(pipe|eventfd|fork|kill|killpg|setsid|mkfifo|geteuid|getuid|register_at_fork)\b"
        r"|\bselect\.(select|poll|epoll|kqueue)\b"
        r"|\bsocket\.AF_UNIX\b"
        r"|^(?:import|from) (?:fcntl|termios|pwd|grp|resource|pty|select)\b"
        r"|\bsignal\.(?:SIG|signal|alarm|pause|setitimer|pthread)",
        re.MULTILINE,
    )
    found = [
        f"{path.relative_to(package)}: {match[0].strip()}"
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] != "cli"
        and path.relative_to(package).as_posix() not in ("session/wake.py", "session/selector.py")
        for match in posix.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_the_search_for_what_windows_lacks_would_find_it() -> None:
    """The command line, which may, uses signals."""
    cli = Path(kick_live.__file__).parent / "cli"
    assert any("signal.SIG" in path.read_text("utf-8") for path in cli.rglob("*.py"))
