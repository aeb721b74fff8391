"""Plays a scenario, written by hand or recorded, on a simulator."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kick_live.errors import RecordingError
from kick_live.events.base import Event
from kick_live.events.registry import BY_WIRE_NAME, short_name
from kick_live.models.channel import Channel
from kick_live.recording.lines import Line, stamp_of
from kick_live.recording.parts import parts_of
from kick_live.recording.reading import (
    SKIP_DAMAGED,
    parsed,
    raw_lines,
    tell_torn,
    unreadable,
)
from kick_live.testing.defaults.topics import topic_for

if TYPE_CHECKING:
    from kick_live.testing.channel import SimulatedChannel
    from kick_live.testing.simulator import KickSimulator

__all__ = ["Scenario", "Step"]

_HEADER: Final = b'"kick_live_recording"'
#: What to do about damage, for those who read a recording, and for those who play one.
_ADVICE: Final = (
    (f"{SKIP_DAMAGED} to read them", "mend the line, or take it out, to play them"),
    (f"{SKIP_DAMAGED} to read that", "unpack that into another file to play it"),
)


@frozen(kw_only=True)
class Step:
    """One thing that happens.

    Attributes:
        at: Seconds from the beginning.
        channel: The slug of the channel.
        event: Kick's name for the event.
        data: The payload: JSON values, or the text itself.
        topic: On which topic; ``None`` for the one Kick uses for this event.
    """

    at: float
    channel: str
    event: str
    data: Any
    topic: str | None = None


class Scenario:
    r"""A scenario from a file, to be played as often as wanted.

    The file holds either one JSON object a line, ``{"at": 1.5, "channel": "amber-quokka", "event":
    "App\\Events\\ChatMessageEvent", "data": {...}}`` with seconds from the beginning, empty lines
    and lines that begin with ``#`` left out; or a recording made by ``Recorder``, of which the
    payloads that arrived live are played. What a recording read from history, and what it tells of
    the connection, is left out.

    Constructing it reads the file.

    Args:
        path: The file; the further parts of a recording belong to it.

    Raises:
        RecordingError: It cannot be read, or a line in it makes no sense; ``line`` says which. Only
            a recording's last line may be torn, as after a kill; it is left out with a warning.
        MissingExtra: It is packed with zstd, and zstandard is not installed.

    Attributes:
        steps: What happens, by time.

    Example:
        >>> import tempfile
        >>> from kick_live.testing import Scenario
        >>> path = tempfile.mkdtemp() + "/evening.jsonl"
        >>> with open(path, "w") as file:
        ...     _ = file.write('{"at": 0, "channel": "amber-quokka", "event": "SubscriptionEvent", '
        ...                    '"data": {"username": "copperkite", "months": 13}}')
        >>> scenario = Scenario(path)
        >>> scenario.add_channels(simulator)
        >>> with KickClient("amber-quokka", endpoints=simulator.endpoints) as client:
        ...     connected = client.connect()
        ...     played = scenario.play(simulator)
        ...     event = client.wait_for("subscription", timeout=5)
        >>> played, event.username, event.months
        (1, 'copperkite', 13)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._known: dict[str, Channel] = {}
        try:
            steps = list(self._recorded() if self._is_recording() else self._written())
        except RecordingError as error:
            raise _in_words_for_scenarios(error) from error.__cause__
        self.steps: tuple[Step, ...] = tuple(sorted(steps, key=lambda step: step.at))

    def __repr__(self) -> str:
        return f"<Scenario({str(self._path)!r}) {len(self.steps)} steps, {self.duration:.1f} s>"

    @property
    def channels(self) -> tuple[str, ...]:
        """The slugs of the channels in which something happens, in order of appearance."""
        return tuple(dict.fromkeys(step.channel for step in self.steps))

    @property
    def duration(self) -> float:
        """Seconds until the last step, at a speed of 1."""
        return self.steps[-1].at if self.steps else 0.0

    def add_channels(self, simulator: KickSimulator) -> None:
        """Add the channels that a simulator lacks, those of a recording with their ids.

        ``play`` does it too; call it before, if a client is to connect first.
        """
        for slug in self.channels:
            if slug in simulator.channels:
                continue
            known = self._known.get(slug)
            if known is None:
                simulator.add_channel(slug)
            else:
                simulator.add_channel(
                    slug,
                    channel_id=known.channel_id,
                    chatroom_id=known.chatroom_id,
                    user_id=known.user_id,
                    username=known.username,
                )

    def play(
        self,
        simulator: KickSimulator,
        *,
        speed: float | None = 1.0,
        stop: threading.Event | None = None,
    ) -> int:
        """Publish the steps at their time; blocks until the last one, or until told to stop.

        A client that receives a scenario twice takes the messages of the second time for
        repetitions, because they have the same ids.

        Args:
            simulator: Where it happens; channels that are missing are added. If it has a recorded
                channel with other ids, topics are translated, payloads are not.
            speed: 10.0 for ten times as fast, ``None`` for as fast as possible.
            stop: Ends it when set, from any thread.

        Returns:
            How many steps were published.

        Raises:
            ValueError: The speed is not above 0.
        """
        if speed is not None and not speed > 0:
            raise ValueError(f"speed must be above 0, or None for no waiting, not {speed!r}.")
        stop = stop or threading.Event()
        self.add_channels(simulator)
        began = time.monotonic()
        played = 0
        for step in self.steps:
            if speed is not None:
                stop.wait(max(0.0, began + step.at / speed - time.monotonic()))
            if stop.is_set():
                break
            channel = simulator.channel(step.channel)
            channel.publish(step.event, step.data, self._topic(step, channel))
            played += 1
        return played

    def _topic(self, step: Step, channel: SimulatedChannel) -> str:
        if step.topic is None:
            cls = BY_WIRE_NAME.get(short_name(step.event), Event)
            ids = {"channel_id": channel.channel_id, "chatroom_id": channel.chatroom_id}
            return topic_for(cls, **ids)
        known = self._known.get(step.channel)
        if known is None:
            return step.topic
        room, number = str(known.chatroom_id), str(known.channel_id)
        if "chatroom" in step.topic:
            return step.topic.replace(room, str(channel.chatroom_id))
        return step.topic.replace(number, str(channel.channel_id))

    # -- reading

    def _is_recording(self) -> bool:
        for _, line, _ in raw_lines(self._path):
            return _HEADER in line[:200]
        return False

    def _written(self) -> Iterator[Step]:
        for number, line, _ in raw_lines(self._path):
            text = line.strip()
            if text and not text.startswith(b"#"):
                yield self._step(number, text)

    def _step(self, number: int, text: bytes) -> Step:
        try:
            values = json.loads(text)
            at, event = values["at"], values["event"]
            if isinstance(at, bool) or not isinstance(at, (int, float)) or not 0 <= at < 1e9:
                raise ValueError(f"at must be seconds from the beginning, not {at!r}")
            channel, topic = values["channel"], values.get("topic")
            if not (isinstance(channel, str) and isinstance(event, str)):
                raise TypeError("channel and event must be text")
            if not isinstance(topic, (str, type(None))):
                raise TypeError(f"topic must be text, not {topic!r}")
            data = values.get("data", {})
        except (ValueError, TypeError, AttributeError, RecursionError, KeyError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise RecordingError(
                f"{self._path}, line {number}, is no step of a scenario: {what}. A step is "
                '{"at": seconds, "channel": slug, "event": name, "data": payload}.',
                path=str(self._path),
                line=number,
            ) from error
        return Step(at=at, channel=channel.lower(), event=event, data=data, topic=topic)

    def _recorded(self) -> Iterator[Step]:
        first: Line | None = None
        for line in self._payloads():
            if line.at is None or line.channel is None or line.name is None:
                continue
            if line.historical:
                continue
            first = first or line
            assert first.at is not None
            slug = line.channel.slug.lower()
            self._known.setdefault(slug, line.channel)
            # Clocks are set back at times.
            at = max(0.0, (line.at - first.at).total_seconds())
            yield Step(at=at, channel=slug, event=line.name, data=line.raw or "", topic=line.topic)

    def _payloads(self) -> Iterator[Line]:
        try:
            paths = parts_of(self._path)
        except OSError as error:
            raise unreadable(self._path, error) from error
        for path in paths:
            reached = b""
            for number, raw, complete in raw_lines(path):
                line = parsed(path, number, raw, complete)
                if complete:
                    reached = stamp_of(raw) or reached
                elif line is None:
                    tell_torn(path, number - 1, reached.decode(errors="replace"))
                if line is not None and line.is_payload:
                    yield line


def _in_words_for_scenarios(error: RecordingError) -> RecordingError:
    """The same error with advice that can be followed: nothing is skipped in a scenario."""
    message = str(error)
    for reading, playing in _ADVICE:
        message = message.replace(reading, playing)
    return RecordingError(message, path=error.path, line=error.line)
