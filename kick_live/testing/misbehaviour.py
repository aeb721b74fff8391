"""The simulator's scripted failures, and what it can be made to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kick_live.testing.centrifugo import CentrifugoConnection
from kick_live.testing.faults import ConnectionRefusal, TopicRefusal
from kick_live.testing.pusher import PusherConnection
from kick_live.testing.settings import Provider
from kick_live.testing.world import World

__all__ = ["Misbehaviour"]


class Misbehaviour:
    """The part of the simulator that lets it fail.

    Args:
        world: The simulator's state.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    # REST

    def fail(
        self,
        path_prefix: str,
        status: int,
        times: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a group of paths with a status.

        Args:
            path_prefix: The beginning of the paths; ``"/"`` means every REST route, and a socket
                only where the prefix names its path (``"/app"``, ``"/connection"``).
            status: The HTTP status; 200 with a body is possible as well.
            times: How often; until :meth:`heal` if not given.
            body: Text, or an object that is sent as JSON.
            headers: Additional headers.
        """
        self._world.rest_faults.fail([path_prefix], status, times=times, body=body, headers=headers)

    def block(self, challenge: bool = True) -> None:
        """Refuse the site's routes like Kick's protection: 403, with a challenge page or JSON."""
        self._world.rest_faults.block(challenge=challenge)

    def rate_limit(
        self,
        retry_after: float | str | None = None,
        *,
        path_prefix: str = "/",
        times: int | None = None,
    ) -> None:
        """Answer 429.

        Args:
            retry_after: The Retry-After header: seconds or a date; none if not given.
            path_prefix: The paths it is for.
            times: How often; until :meth:`heal` if not given.
        """
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {"message": "Too Many Attempts."}
        self.fail(path_prefix, 429, times=times, body=body, headers=headers)

    def delay(self, path_prefix: str, seconds: float) -> None:
        """Answer a group of paths late by some seconds."""
        self._world.rest_faults.delay(path_prefix, seconds)

    def hold(self, path_prefix: str) -> None:
        """Let a group of paths wait for an answer until :meth:`heal`."""
        self._world.rest_faults.hold(path_prefix)

    def heal(self) -> None:
        """End everything that was scripted, for REST and for sockets."""
        self._world.rest_faults.heal()
        self._world.socket_faults.heal()
        self._wake_all()

    # Sockets

    def drop_connections(self) -> None:
        """Reset every open socket's TCP connection, without a close frame."""
        for connection in self._world.hub.connections():
            connection.call(connection.abort)

    def go_silent(self) -> None:
        """Accept and read, but send nothing at all on any socket.

        What would have been sent waits for :meth:`resume`, as on a stalled network.
        """
        self._world.socket_faults.silent = True

    def resume(self) -> None:
        """End the silence; what has waited is sent."""
        self._world.socket_faults.silent = False
        self._wake_all()

    def close_connections(self, code: int, reason: str = "", error_event: bool = True) -> None:
        """Close every open socket in an orderly way.

        Args:
            code: The close code.
            reason: Its words; the usual ones if not given.
            error_event: Whether Pusher announces its own codes (4000 and up) by an error frame.
        """
        for connection in self._world.hub.connections():
            if isinstance(connection, PusherConnection):
                connection.call(_pusher_close(connection, code, reason, error_event))
            elif isinstance(connection, CentrifugoConnection):
                connection.call(_centrifugo_close(connection, code, reason))

    def disconnect_push(self, code: int, reason: str = "") -> None:
        """Tell Centrifugo's clients to disconnect, and leave the closing to them."""
        for connection in self._centrifugo():
            connection.push_disconnect(code, reason)

    def unsubscribe_push(self, topic: str, code: int = 2500, reason: str = "") -> None:
        """End the subscriptions to a topic from Centrifugo's side; 2500 and up invite a retry."""
        for connection in self._centrifugo():
            connection.push_unsubscribe(topic, code, reason)

    def refuse_topic(
        self,
        topic: str,
        code: int = 103,
        *,
        status: int = 401,
        message: str = "permission denied",
        temporary: bool = False,
        times: int | None = None,
    ) -> None:
        """Refuse subscriptions to a topic.

        Args:
            topic: The topic.
            code: The code of Centrifugo's error reply.
            status: The status in Pusher's subscription error.
            message: The words in both.
            temporary: Whether Centrifugo's reply invites a retry.
            times: How often; until :meth:`heal` if not given.
        """
        self._world.socket_faults.topics[topic] = TopicRefusal(
            code, message, temporary, status, times
        )

    def refuse_connections(
        self,
        code: int,
        reason: str = "",
        *,
        protocol: Provider | None = None,
        times: int | None = None,
    ) -> None:
        """Refuse every new socket.

        Args:
            code: 400-599 is an HTTP status in place of the upgrade; 1000 and up a close code
                (Pusher sends it in place of its greeting, Centrifugo in place of its connect
                reply); under 400 the code of an error reply to Centrifugo's connect command.
            reason: The words with it; the usual ones if not given.
            protocol: Only for sockets of this protocol.
            times: How often; until :meth:`heal` if not given.
        """
        self._world.socket_faults.refusal = ConnectionRefusal(code, reason, protocol, times)

    def accept_then_close(self, on: bool = True) -> None:
        """Accept the upgrade of every new socket, then close its TCP connection at once."""
        self._world.socket_faults.accept_then_close = on

    def expire_tokens(self) -> None:
        """End all tokens: open Centrifugo sockets close with 3005, old tokens are met with 109."""
        self._world.tokens.expire()
        for connection in self._centrifugo():
            connection.call(_centrifugo_close(connection, 3005, ""))

    def omit_ack_topic(self, on: bool = True) -> None:
        """Leave the topic out of Pusher's acknowledgements."""
        self._world.socket_faults.omit_ack_topic = on

    def acknowledge_late(self, seconds: float) -> None:
        """Acknowledge subscriptions late; they begin with the acknowledgement."""
        self._world.socket_faults.acknowledge_late = seconds

    def grant_compaction(self, on: bool = True) -> None:
        """Grant Centrifugo's channel compaction to subscriptions that offer it by flag 1."""
        self._world.socket_faults.grant_compaction = on

    def ping(self) -> None:
        """Send the server's ping on every open socket now."""
        for connection in self._world.hub.connections():
            connection.call(connection.ping)

    def publish_frame(self, text: str) -> None:
        """Send a text message literally on every open socket; it need not be anything sensible."""
        for connection in self._world.hub.connections():
            connection.send(text)

    def publish_bytes(self, data: bytes) -> None:
        """Put raw bytes on every socket's TCP connection, past the WebSocket protocol."""
        for connection in self._world.hub.connections():
            connection.send_bytes(data)

    def _centrifugo(self) -> list[CentrifugoConnection]:
        connections = self._world.hub.connections("centrifugo")
        return [c for c in connections if isinstance(c, CentrifugoConnection)]

    def _wake_all(self) -> None:
        # A call on its own thread also wakes a connection, so that it looks at its state again.
        for connection in self._world.hub.connections():
            connection.call(_nothing)


def _pusher_close(
    connection: PusherConnection, code: int, reason: str, error_event: bool
) -> Callable[[], None]:
    return lambda: connection.fail(code, reason, error_event=error_event)


def _centrifugo_close(
    connection: CentrifugoConnection, code: int, reason: str
) -> Callable[[], None]:
    return lambda: connection.fail(code, reason)


def _nothing() -> None:
    pass
