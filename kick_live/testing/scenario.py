"""A lively evening in chat, invented and repeatable, for demonstrations."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from kick_live.testing.channel import SimulatedChannel
from kick_live.testing.payloads import Payload
from kick_live.testing.payloads.chat import BadgeSpec

__all__ = ["run_demo"]

_PEOPLE: Final[tuple[tuple[str, tuple[BadgeSpec, ...]], ...]] = (
    ("Maple_Harbor", (("subscriber", 14),)),
    ("Fern_Gully", ()),
    ("TINROBOT7", ("og",)),
    ("drumline99", ()),
    ("yuzu_cha", (("subscriber", 2),)),
    ("pebble", ("vip",)),
    ("copperkite", (("subscriber", 13), ("sub_gifter", 25))),
    ("larkspur", ()),
    ("Gate_Keeper", ("moderator", ("subscriber", 31))),
    ("linkster_x", ()),
    ("golden_moth", ("founder",)),
    ("helperdesk", ("bot",)),
)
_LINES: Final = (
    "good evening from the back row",
    "[emote:39001:WaveHi] hello everyone",
    "that was close [emote:4100778:quokkaNoWay]",
    "[emote:4100777:quokkaClap][emote:4100777:quokkaClap]",
    "who picked this song? it is great 🎶",
    "今日の配信も楽しかった！",
    "take the left path, trust me",
    "hangi haritaya gidelim?",
    "first time here, is it always this calm?",
    "no way that counts",
    "LETS GOOO",
    "my cat agrees 🐈",
    "see https://example.org/route for the map",
    "@amber_quokka you forgot the lantern again",
    "gg",
    "one more round?",
)
_ANSWERS: Final = ("same here", "told you so", "not even close", "this!", "every single time 😄")
_QUESTIONS: Final = (
    ("Where next?", ("Desert", "Forest", "Harbour")),
    ("Boss first try?", ("Yes", "Never")),
)
#: Names of those who are banned: nobody of them writes again.
_SPAM: Final = "spamlink"
_LOUD: Final = "loud_talker"
#: Seconds for which a poll runs, and for which its result stands.
_POLL: Final = 30
_RESULT: Final = 15
#: How many watch, as a rule.
_VIEWERS: Final = 412
#: Steps a second by which the evening's own time passes where nothing is waited for.
_USUAL_RATE: Final = 4.0
#: Seconds by which the evening may be late before it stops catching up.
_LATEST: Final = 1.0


def run_demo(
    channel: SimulatedChannel,
    *,
    rate: float = 4.0,
    seed: int = 7,
    stop: threading.Event | None = None,
    count: int | None = None,
) -> int:
    """Publish a stream of invented events; blocks until it is told to stop.

    The same seed and rate give the same events in the same order; only ids and times differ. What
    the events say of time is true: a poll that has 30 s left ends 30 s later.

    Args:
        channel: Where it happens; it goes live if it is not.
        rate: Steps a second on average; 0 for as fast as possible.
        seed: Of the random choices.
        stop: Ends it when set.
        count: Ends it after so many steps.

    Returns:
        How many steps were made.

    Raises:
        ValueError: Neither ``stop`` nor ``count`` would ever end it.
    """
    if stop is None and count is None:
        raise ValueError("give stop= or count=, otherwise the demonstration never ends")
    stop = stop or threading.Event()
    evening = _Evening(channel, random.Random(seed))  # nosec B311  # no secret
    steps = 0
    began = monotonic()
    while not stop.is_set() and steps != count:
        evening.step()
        steps += 1
        evening.pass_time(rate if rate > 0 else _USUAL_RATE)
        if rate > 0:
            # Up to the moment, not for the pause: what the steps themselves take must not add up.
            pause = began + evening.seconds - monotonic()
            if pause < -_LATEST:
                began -= pause
            if stop.wait(max(0.0, pause)):
                break
    return steps


class _Evening:
    """Chooses what happens next."""

    def __init__(self, channel: SimulatedChannel, chance: random.Random) -> None:
        self._channel = channel
        self._chance = chance
        #: The evening's own time: it passes alike whether anybody waits for it or not.
        self.seconds = 0.0
        self._said: list[Payload] = []
        self._poll: _Poll | None = None
        self._banned = 0
        self._followers = 240
        self._gifted = 0
        self._happenings: list[tuple[int, Callable[[], object]]] = [
            (70, self._talk),
            (10, self._answer),
            (4, self._subscribe),
            (3, self._give_subs),
            (4, self._give_kicks),
            (3, self._redeem),
            (3, self._follow),
            (3, self._moderate),
            (2, self._pin),
            (2, self._start_poll),
            (1, self._raid),
            (1, self._celebrate),
            (1, self._change_settings),
        ]

    def step(self) -> None:
        """Let one thing happen."""
        if not self._channel.is_live:
            self._channel.go_live("late ride through the valley", viewers=_VIEWERS)
        elif not self._said:
            self._talk()
        elif self._poll is not None and self.seconds >= self._poll.next_at:
            self._go_on_with(self._poll)
        else:
            weights = [weight for weight, _ in self._happenings]
            actions = [action for _, action in self._happenings]
            self._chance.choices(actions, weights)[0]()
        viewers = self._channel.viewers or 0
        # Those whom a raid brought go again, by and by.
        wander = self._chance.randint(-3, 3) + (_VIEWERS - viewers) // 50
        self._channel.set_viewers(max(1, viewers + wander))

    def pass_time(self, rate: float) -> None:
        """Let time pass until the next step: people do not type like clocks."""
        self.seconds += min(self._chance.expovariate(rate), 4 / rate)

    def _talk(self) -> None:
        name, badges = self._chance.choice(_PEOPLE)
        line = self._chance.choice(_LINES)
        message = self._channel.chat(line, username=name, badges=badges)
        self._said = [*self._said[-30:], message]

    def _answer(self) -> None:
        name, badges = self._chance.choice(_PEOPLE)
        to = self._chance.choice(self._said)
        text = self._chance.choice(_ANSWERS)
        self._channel.reply(text, to=to, username=name, badges=badges)

    def _subscribe(self) -> None:
        months = self._chance.choice((1, 1, 2, 6, 13))
        text = "still here, still happy" if months > 1 else None
        self._channel.subscribe(self._name(), months=months, text=text)

    def _give_subs(self) -> None:
        number = self._chance.choice((1, 1, 5, 10))
        first, self._gifted = self._gifted, self._gifted + number
        names = [f"acorn_{index:03d}" for index in range(first, first + number)]
        gifter = self._chance.choice(("big_spruce", "tall_cedar", None))
        self._channel.gift_subs(names, gifter=gifter)

    def _give_kicks(self) -> None:
        amount = self._chance.choice((1, 10, 10, 50, 100, 500))
        text = "great run" if amount >= 100 else None
        self._channel.gift_kicks(amount, username=self._name(), message=text)

    def _redeem(self) -> None:
        title, text = self._chance.choice((("Hydrate!", ""), ("Song request", "the sea song")))
        self._channel.redeem_reward(title, username=self._name(), user_input=text)

    def _follow(self) -> None:
        self._followers += self._chance.randint(0, 4)
        done = self._followers >= 300
        self._channel.goal("achieved" if done else "progress", current=self._followers, target=300)
        if done:
            self._followers = 100

    def _moderate(self) -> None:
        spammer = f"{_SPAM}_{self._banned}"
        if self._chance.random() < 0.6:
            message = self._channel.chat("free stuff at example.org", username=spammer)
            self._channel.delete_message(message, ai=True, rules=["is_spam-TRUE"])
            return
        self._banned += 1
        if self._chance.random() < 0.7:
            self._channel.ban(f"{_LOUD}_{self._banned}", minutes=5)
        else:
            self._channel.ban(spammer)

    def _pin(self) -> None:
        if self._channel.pinned is None:
            self._channel.pin(self._chance.choice(self._said), seconds=600)
        else:
            self._channel.unpin()

    def _start_poll(self) -> None:
        if self._poll is None:
            title, options = self._chance.choice(_QUESTIONS)
            self._poll = _Poll(title, options, self.seconds)
            self._channel.poll(title, options, duration=_POLL, remaining=_POLL)

    def _go_on_with(self, poll: _Poll) -> None:
        """Count votes about once a second; show the result for a while, and take it down."""
        if poll.is_over:
            self._poll = None
            self._channel.delete_poll()
            return
        ends = poll.began + _POLL
        remaining = max(0, round(ends - self.seconds))
        poll.is_over = remaining == 0
        poll.next_at = self.seconds + _RESULT if poll.is_over else min(self.seconds + 1, ends)
        poll.votes = [votes + self._chance.randint(0, 2) for votes in poll.votes]
        self._channel.poll(
            poll.title, poll.options, poll.votes, duration=_POLL, remaining=remaining
        )

    def _raid(self) -> None:
        viewers = self._chance.randint(20, 400)
        self._channel.host("tidal_tom", viewers, "go say hi")
        self._channel.set_viewers((self._channel.viewers or 0) + viewers)

    def _celebrate(self) -> None:
        self._channel.celebrate(13, "copperkite", "one more year [emote:4100777:quokkaClap]")

    def _change_settings(self) -> None:
        slow = None if self._channel.modes["slow_mode_seconds"] else 5
        self._channel.update_settings(slow_mode_seconds=slow)

    def _name(self) -> str:
        return self._chance.choice(_PEOPLE)[0]


class _Poll:
    """A poll that is shown, and when something happens to it next."""

    def __init__(self, title: str, options: tuple[str, ...], now: float) -> None:
        self.title = title
        self.options = options
        self.votes = [0] * len(options)
        self.began = now
        self.next_at = now + 1
        self.is_over = False
