"""Which chat an example reads: shared by all of them, so that each can stay short.

A program of your own needs none of this: write ``KickClient("name-of-a-channel")``.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import sys
import threading
from collections.abc import Iterator, Sequence

from kick_live import ChatMessage, Connected, Endpoints, KickAPI, KickClient, KickLiveError, Text


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows the arguments all examples share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chat = parser.add_mutually_exclusive_group(required=True)
    chat.add_argument("channel", nargs="?", help="a name, or the address of a channel")
    chat.add_argument("--demo", action="store_true", help="read an invented chat, without network")
    parser.add_argument("--seconds", type=float, metavar="S", help="end S seconds after connecting")
    return parser


@contextlib.contextmanager
def open_client(
    options: argparse.Namespace, demo_lines: Sequence[str] = (), demo_rate: float = 4.0
) -> Iterator[KickClient]:
    """The client that the arguments ask for; errors of the library end the program with their text.

    Args:
        options: What the parser made of the command line.
        demo_lines: What else people of the invented chat say.
        demo_rate: How many things happen in the invented chat, a second.
    """
    try:
        with contextlib.ExitStack() as stack:
            if options.demo:
                client = stack.enter_context(_demo_client(demo_lines, demo_rate))
            else:
                # The same variable as that of the command kick-live: a simulator in Kick's place.
                base = os.environ.get("KICK_LIVE_ENDPOINTS")
                endpoints = Endpoints.at(base) if base else Endpoints()
                client = stack.enter_context(KickClient(options.channel, endpoints=endpoints))
            if options.seconds is not None:
                timer = threading.Timer(options.seconds, client.close)
                timer.daemon = True
                stack.callback(timer.cancel)
                client.once(Connected, lambda _: timer.start())
            yield client
    except KickLiveError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def printable(text: str) -> str:
    """Text by strangers on one line, without characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def words(message: ChatMessage) -> str:
    """What a message says, on one line, its emotes by name."""
    return printable(
        "".join(
            part.text if isinstance(part, Text) else f":{part.name}:" for part in message.fragments
        )
    )


@contextlib.contextmanager
def _demo_client(lines: Sequence[str], rate: float) -> Iterator[KickClient]:
    """A client of a simulator in this process, on whose channel things happen all the time."""
    from kick_live.testing import KickSimulator, run_demo

    name, stop = "amber-quokka", threading.Event()
    with KickSimulator() as simulator:
        channel = simulator.add_channel(name, live=True)

        def say() -> None:
            for number, line in enumerate(itertools.cycle(lines)):
                if stop.wait(0.4):
                    return
                channel.chat(line, username=f"acorn_{number % 9:03d}")

        evening = {"rate": rate, "stop": stop}
        threads = [threading.Thread(target=run_demo, args=(channel,), kwargs=evening)]
        if lines:
            threads.append(threading.Thread(target=say))
        with (
            KickAPI(simulator.endpoints, proxy="", min_interval=0) as api,
            KickClient(name, api=api, proxy="", remember_ids=False) as client,
        ):
            for thread in threads:
                thread.start()
            try:
                yield client
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
