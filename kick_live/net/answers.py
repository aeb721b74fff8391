"""Decides what an HTTP answer means: by its status first, then by its content type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from attrs import field, frozen

from kick_live.errors import (
    APIError,
    Blocked,
    InvalidResponse,
    NotFound,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.net.http_pace import parse_retry_after
from kick_live.net.proxies import LOCKED, refusal
from kick_live.words import how_to_install, public_host

__all__ = ["WAYS_OUT", "Answer", "failure"]

WAYS_OUT: Final = (
    "Ways out: (1) give the ids instead of the name, which needs no lookup: open the site in a "
    "browser, run fetch(`/api/v2/channels/NAME`).then(r=>r.json())"
    ".then(c=>console.log(c.id, c.chatroom.id)) in its console, and pass "
    "ChannelRef(slug=NAME, channel_id=..., chatroom_id=...) with the two numbers; "
    f"(2) {how_to_install('impersonate')} and use KickAPI(impersonate=True), which needs "
    "the proxy= of the client, too, if there is one; "
    "(3) hand in a requests session of your own, KickAPI(session=...); "
    "(4) wait some minutes before the next try."
)

_CHALLENGE_MARKS: Final = (b"just a moment", b"challenge-platform", b"cf-chl", b"cf_chl")


@frozen
class Answer:
    """What a server answered.

    Attributes:
        url: What was asked, without the query.
        status: The HTTP status.
        headers: By lower-case name.
        body: The bytes, decompressed; not in the repr, because they may hold a token.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def served_at(self) -> datetime | None:
        """The time of the answer by the server's clock, in whole seconds."""
        try:
            when = parsedate_to_datetime(self.headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        return when if when.tzinfo is not None else when.replace(tzinfo=timezone.utc)

    @property
    def is_html(self) -> bool:
        """Whether a page came instead of data."""
        kind = self.headers.get("content-type", "").lower()
        return "html" in kind or ("json" not in kind and self.body.lstrip()[:1] == b"<")

    @property
    def is_challenge(self) -> bool:
        """Whether it is the page with which Cloudflare tests browsers."""
        if "challenge" in self.headers.get("cf-mitigated", "").lower():
            return True
        start = self.body[:65536].lower()
        return self.is_html and any(mark in start for mark in _CHALLENGE_MARKS)


def failure(answer: Answer) -> APIError | None:
    """The error that an answer stands for, or ``None`` if it is worth parsing."""
    url, status = answer.url, answer.status
    host = public_host(url)
    if status == LOCKED:
        return Unreachable(
            f"{refusal(status, host)} It stands between here and {host}, even if none was given.",
            url=url,
            status=status,
            lasting=True,
        )
    if status == 429:
        return _rate_limited(answer)
    if status == 423:
        return Blocked(
            f"{host} answered 423: Kick is not available in the country of this address, or not "
            f"for this channel. Use another network or a proxy. {WAYS_OUT}",
            url=url,
            status=status,
        )
    if status in (401, 403) or (status == 503 and answer.is_html) or answer.is_challenge:
        what = "a challenge page for browsers" if answer.is_challenge else f"status {status}"
        return Blocked(
            f"{host} refused the request with {what}: its protection took this program or this "
            f"network for a bot. {WAYS_OUT}",
            url=url,
            status=status,
        )
    if status == 404:
        return NotFound(f"{url} does not exist (404).", url=url, status=status)
    if status >= 500:
        return ServerError(
            f"{host} answered {status}: trouble on Kick's side. Try again later.",
            url=url,
            status=status,
        )
    if not 200 <= status < 300:
        return InvalidResponse(
            f"{url} answered {status}, which means nothing good for this request: Kick may have "
            "changed or removed the endpoint. Look for a newer kick-live.",
            url=url,
            status=status,
        )
    if answer.is_html:
        return InvalidResponse(
            f"{url} answered with an HTML page instead of JSON: a proxy or a log-in page may be "
            "in between, or Kick changed the endpoint.",
            url=url,
            status=status,
        )
    return None


def _rate_limited(answer: Answer) -> RateLimited:
    retry_after = parse_retry_after(answer.headers.get("retry-after"))
    wait = "some minutes" if retry_after is None else f"{retry_after:.0f} s"
    return RateLimited(
        f"{public_host(answer.url)} answered 429: too many requests from this address. "
        f"Wait {wait} before the next one, and ask less often.",
        retry_after=retry_after,
        url=answer.url,
        status=429,
    )
