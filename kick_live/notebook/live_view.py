"""A view that follows a client: its chat, messages a minute, and buttons.

The view has no thread. It is a listener like any other, so it moves whenever the client's events
are taken: between cells by its pump, and during a cell that calls ``run``, ``poll`` or ``events``.
"""

from __future__ import annotations

import importlib
import time
from collections import deque
from typing import Any, Final

from attrs import define

from kick_live.client import KickClient
from kick_live.errors import MissingExtra
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.chatroom import ChatroomClear
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.moderation import UserBanned
from kick_live.events.stream import StreamHost
from kick_live.events.subscriptions import Subscription
from kick_live.notebook.chart import MinuteChart
from kick_live.notebook.html import line
from kick_live.notebook.kernel import loop
from kick_live.notebook.pieces import BOX, DIM, escape
from kick_live.notebook.pump import Pump
from kick_live.words import how_to_install

__all__ = ["LiveView", "live_view"]

#: Seconds between two drawings: as fast as the eye asks for, whatever the chat's pace.
_PAUSE: Final = 0.25
#: Seconds after which it is drawn again although nothing came, since the minutes go on.
_STALE: Final = 5.0
#: The newest message stands at the bottom, without a script that would have to scroll. It is the
#: widget that scrolls, not what it holds: that is replaced, and would jump back at each drawing.
_SCROLL: Final = {"overflow": "hidden auto", "display": "flex", "flex_flow": "column-reverse"}
_REMOVED: Final = "text-decoration:line-through;opacity:0.5"


@define
class _Shown:
    """A message in the view."""

    id: str
    username: str
    html: str
    removed: bool = False

    def __str__(self) -> str:
        style = f"{BOX};{_REMOVED}" if self.removed else BOX
        return f'<div style="{style}">{self.html}</div>'


class LiveView:
    """Chat and a chart that follow a client; show it as the last line of a cell.

    Connects first, which blocks. Between cells the view also fires the client's other listeners,
    as ``pump`` does, with the same limits. "Pause" holds the picture, not the client; "Stop" closes
    the client, which ends its threads. What moderators remove is struck through.

    Args:
        client: The client.
        last: How many messages are shown; older ones are forgotten.
        minutes: How many minutes the chart shows.
        height: Of the chat, in pixels.

    Raises:
        MissingExtra: ipywidgets is not installed.
        KickLiveError: There is no Jupyter kernel, or the connection failed.
        ValueError: A number makes no sense.

    Attributes:
        widget: The ``ipywidgets.VBox``, to be placed in a layout of your own.
    """

    def __init__(
        self, client: KickClient, *, last: int = 50, minutes: int = 30, height: int = 300
    ) -> None:
        if last < 1:
            raise ValueError(f"last must be at least 1, not {last!r}.")
        widgets = _ipywidgets()
        loop()
        self._client = client
        self._shown: deque[_Shown] = deque(maxlen=last)
        self._minutes = MinuteChart(minutes)
        self._changed = True
        self._drawn_at = 0.0
        self._chat = widgets.HTML(layout={"height": f"{int(height)}px", **_SCROLL})
        self._chart = widgets.HTML()
        self._state = widgets.HTML()
        self._pause = widgets.ToggleButton(description="Pause")
        self._stop = widgets.Button(description="Stop", button_style="danger")
        self._stop.on_click(lambda _: self.stop())
        buttons = widgets.HBox([self._pause, self._stop, self._state])
        self.widget = widgets.VBox([self._chat, self._chart, buttons])
        client.on(Event, self._take)
        client.connect()
        client.poll()
        self._pump = Pump(client, after=self._refresh)
        self._draw()

    def __repr__(self) -> str:
        return f"<LiveView of {self._client!r}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    @property
    def running(self) -> bool:
        """Whether the view follows the client between cells."""
        return self._pump.running

    def stop(self) -> None:
        """Close the client, as the button does; repeatable, from any thread."""
        # The newest frontends deliver clicks on threads of their own, also while a cell runs.
        # Closing is allowed there; the view's last picture is drawn by the pump.
        self._client.close()

    def detach(self) -> None:
        """Follow the client no longer; it stays connected, and its pump ends."""
        self._client.off(Event, self._take)
        self._pump.stop()

    def _take(self, event: Event) -> None:
        if isinstance(event, ChatMessage):
            self._shown.append(_Shown(event.id, event.sender.username, line(event)))
            self._minutes.count(event.created_at or event.received_at)
        elif isinstance(event, (GiftedSubscriptions, KicksGifted, Subscription, StreamHost)):
            self._minutes.mark(event.received_at, event.kind.replace("_", " "))
        elif isinstance(event, (MessageDeleted, UserBanned, ChatroomClear)):
            self._remove(event)
        elif not isinstance(event, LifecycleEvent):
            return
        self._changed = True
        self._refresh()

    def _remove(self, event: MessageDeleted | UserBanned | ChatroomClear) -> None:
        for shown in self._shown:
            if (
                isinstance(event, ChatroomClear)
                or (isinstance(event, MessageDeleted) and shown.id == event.message_id)
                or (isinstance(event, UserBanned) and shown.username == event.user.username)
            ):
                shown.removed = True

    def _refresh(self) -> None:
        since = time.monotonic() - self._drawn_at
        ended = self._client.closed
        if ended or (self._changed and since >= _PAUSE) or since >= _STALE:
            self._draw()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        stats = self._client.stats
        state = "closed" if self._client.closed else f"{stats.transport or 'connecting'}"
        numbers = f"{stats.dispatched:,} events, {stats.dropped:,} dropped"
        self._state.value = f'<span style="{DIM}">{escape(state)} · {numbers}</span>'
        if self._client.closed:
            self._pause.disabled = self._stop.disabled = True
        elif self._pause.value:
            return
        self._changed = False
        self._chat.value = "".join(map(str, self._shown))
        self._chart.value = self._minutes.svg()


def live_view(client: KickClient, **options: Any) -> LiveView:
    """What ``client.live_view()`` makes."""
    return LiveView(client, **options)


def _ipywidgets() -> Any:
    try:
        return importlib.import_module("ipywidgets")
    except ModuleNotFoundError as error:
        if error.name != "ipywidgets":
            raise
        raise MissingExtra(
            "The live view needs ipywidgets, which is not installed: run "
            f"{how_to_install('notebook')}, and restart the kernel.",
            extra="notebook",
        ) from error
