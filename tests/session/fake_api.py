"""A KickAPI that answers from lists, so that no request is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from kick_live.net.endpoints import Endpoints


@define
class FakeAPI:
    """What each method answers, in order; an exception is raised, the last answer repeats."""

    answers: dict[str, list[Any]] = field(factory=dict)
    calls: list[tuple[str, Any]] = field(factory=list)
    endpoints: Endpoints = field(factory=Endpoints)
    on_call: Callable[[str], object] = lambda name: None

    def _answer(self, name: str, argument: Any) -> Any:
        self.calls.append((name, argument))
        self.on_call(name)
        answers = self.answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def history(self, channel_id: int, *, cursor: str | None = None) -> Any:
        """A page of history."""
        return self._answer("history", cursor)

    def pinned_gifts(self, channel_id: int) -> Any:
        """Pinned gifts."""
        return self._answer("pinned_gifts", channel_id)

    def livestream(self, slug: str) -> Any:
        """The running broadcast."""
        return self._answer("livestream", slug)

    def current_viewers(self, *ids: int) -> Any:
        """Viewers by livestream."""
        return self._answer("current_viewers", ids)

    def realtime(self, path: str, body: dict[str, Any]) -> Any:
        """The negotiation."""
        kind = "token" if path.endswith("/auth/connection") else "connection"
        return self._answer(kind, body)
