"""How a page gets its pictures: fetched into it, loaded by its reader, or not at all."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from kick_live.arguments import (
    check_callback,
    check_choice,
    check_seconds,
    check_text,
    check_whole,
)
from kick_live.errors import (
    APIError,
    Blocked,
    InvalidResponse,
    NotFound,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.net.endpoints import Endpoints, check_endpoints
from kick_live.net.pictures import PictureClient
from kick_live.net.proxies import check_proxy, require_socks
from kick_live.recording.image_kinds import Image, recognised

__all__ = ["MODES", "NOT_KICKS", "PictureMode", "Pictures"]

_logger = logging.getLogger(__name__)

_DEFAULT_ENDPOINTS: Final = Endpoints()
PictureMode: TypeAlias = Literal["embed", "link", "none"]
MODES: Final[tuple[PictureMode, ...]] = ("embed", "link", "none")
#: Why a badge has no picture that is named elsewhere than on Kick's servers.
NOT_KICKS: Final = "not on Kick's servers"

_REASONS: Final[tuple[tuple[type[APIError], str], ...]] = (
    (NotFound, "not found"),
    (Blocked, "refused by the server"),
    (RateLimited, "too many for the server"),
    (ServerError, "the server failed"),
    (Unreachable, "not reachable"),
    (InvalidResponse, "no picture, or too large a one"),
)
#: After so many failures in a row a server is asked for no more pictures. A refusal may mean a single
#: picture that is gone.
_PATIENCE: Final[dict[type[APIError], int]] = {
    RateLimited: 1,
    Unreachable: 3,
    ServerError: 3,
    Blocked: 10,
}


class Pictures:
    """How emotes and badges get into a page, and what became of them; for ``export``.

    Embedded pictures are fetched once each, one after the other with pauses, and written into the
    page once, however often they are used. Those used most come first. What cannot be had within the
    limits is shown by its name. It may be used for several exports, one after the other.

    Args:
        mode: ``"embed"``: fetched now and written into the page, which loads nothing; ``"link"``: the
            reader's browser loads them from Kick's servers; ``"none"``: names instead of pictures.
        endpoints: Where the pictures are served; a simulator's, for its recordings.
        proxy: For fetching; by default the environment's, an empty text for none.
        ca_bundle: Certificates to trust when fetching, as for ``KickAPI``.
        timeout: Seconds for one wait; a whole picture may take three times as long.
        total_timeout: Seconds for all pictures; none is begun after that.
        max_pictures: The most pictures that are embedded.
        max_bytes: The largest picture that is embedded.
        max_total_bytes: The most bytes of pictures; the page needs a third more for them.
        on_progress: Called with how many pictures were looked after, and how many there are.

    Raises:
        TypeError: An argument is of another type than it must be.
        ValueError: There is no such mode, or a limit or the proxy's address makes no sense.
        MissingExtra: The proxy speaks SOCKS, and the extra ``socks`` is not installed.

    Attributes:
        embedded: How many pictures the last page got.
        missing: How many it did not, by the reason in words.

    Example:
        >>> import pathlib, tempfile
        >>> from kick_live import ChatMessage, User
        >>> from kick_live.recording import Pictures, export
        >>> hello = ChatMessage(id="1", sender=User(username="Maple"), content="[emote:39001:WaveHi]")
        >>> page = pathlib.Path(tempfile.mkdtemp(), "chat.html")
        >>> pictures = Pictures(endpoints=simulator.endpoints)
        >>> export([hello, hello], page, pictures=pictures)
        2
        >>> pictures.embedded, page.read_text().count("data:image/png;base64,")
        (1, 1)
    """

    def __init__(
        self,
        mode: PictureMode = "embed",
        *,
        endpoints: Endpoints = _DEFAULT_ENDPOINTS,
        proxy: str | None = None,
        ca_bundle: str | None = None,
        timeout: float = 5.0,
        total_timeout: float = 120.0,
        max_pictures: int = 500,
        max_bytes: int = 500_000,
        max_total_bytes: int = 20_000_000,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> None:
        check_choice("mode", mode, MODES)
        check_endpoints(endpoints)
        check_proxy("proxy", proxy, tls=True)
        if mode == "embed":
            require_socks(proxy)
        check_text("ca_bundle", ca_bundle, "certificates.pem")
        check_seconds("timeout", timeout, zero=False)
        check_seconds("total_timeout", total_timeout, zero=False)
        check_whole("max_pictures", max_pictures, 1)
        check_whole("max_bytes", max_bytes, 1)
        check_whole("max_total_bytes", max_total_bytes, 1)
        if on_progress is not None:
            check_callback("on_progress", on_progress)
        self.mode: Final = mode
        self.endpoints: Final = endpoints
        self.embedded = 0
        self.missing: Counter[str] = Counter()
        self._proxy = proxy
        self._ca_bundle = ca_bundle
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._max_pictures = max_pictures
        self._max_bytes = max_bytes
        self._max_total_bytes = max_total_bytes
        self._on_progress = on_progress

    def __repr__(self) -> str:
        missing = sum(self.missing.values())
        return f"<Pictures {self.mode!r} embedded={self.embedded} missing={missing}>"

    def begin(self) -> None:
        """Forget what became of the last page's pictures."""
        self.embedded = 0
        self.missing.clear()

    def fetch(self, urls: Sequence[str]) -> Iterator[tuple[str, Image]]:
        """Fetch pictures, and note what becomes of each; one is in memory at a time.

        Args:
            urls: Addresses at Kick, each once, the most important first.

        Yields:
            Each address that was successful, and the picture.
        """
        wanted = urls[: self._max_pictures]
        if len(urls) > len(wanted):
            self.missing[f"beyond the {self._max_pictures:,} used most"] += len(urls) - len(wanted)
        if not wanted:
            return
        client = PictureClient(
            self.endpoints,
            proxy=self._proxy,
            ca_bundle=self._ca_bundle,
            timeout=self._timeout,
            max_bytes=self._max_bytes,
        )
        fetching = _Fetching(client, time.monotonic() + self._total_timeout, self._max_total_bytes)
        try:
            for number, url in enumerate(wanted):
                self._tell(number, len(wanted))
                found = fetching.one(url)
                if isinstance(found, Image):
                    self.embedded += 1
                    yield url, found
                else:
                    self.missing[found] += 1
            self._tell(len(wanted), len(wanted))
        finally:
            client.close()
        missing = ", ".join(f"{count} {reason}" for reason, count in self.missing.items())
        _logger.info("%d pictures embedded; missing: %s", self.embedded, missing or "none")

    def _tell(self, done: int, of: int) -> None:
        if self._on_progress is not None:
            self._on_progress(done, of)


class _Fetching:
    """Fetches one picture after the other, until a limit is reached or a server gives none."""

    def __init__(self, client: PictureClient, deadline: float, max_total_bytes: int) -> None:
        self._client = client
        self._deadline = deadline
        self._max_total_bytes = max_total_bytes
        self._bytes = 0
        self._failures: Counter[str] = Counter()
        self._given_up: dict[str, str] = {}

    def one(self, url: str) -> Image | str:
        """A picture, or why there is none."""
        server = urlsplit(url).netloc
        if server in self._given_up:
            return self._given_up[server]
        if time.monotonic() > self._deadline:
            return "out of time"
        if self._bytes >= self._max_total_bytes:
            return self._too_much
        try:
            image = recognised(self._client.get(url))
        except APIError as error:
            _logger.debug("no picture: %s", error)
            return self._failed(server, error)
        self._failures[server] = 0
        if image is None:
            return _reason(InvalidResponse)
        if self._bytes + len(image.data) > self._max_total_bytes:
            self._bytes = self._max_total_bytes  # a smaller one would only take a later one's place
            return self._too_much
        self._bytes += len(image.data)
        return image

    @property
    def _too_much(self) -> str:
        return f"beyond {self._max_total_bytes / 1e6:g} MB"

    def _failed(self, server: str, error: APIError) -> str:
        reason = _reason(type(error))
        for kind, patience in _PATIENCE.items():
            if isinstance(error, kind):
                self._failures[server] += 1
                if self._failures[server] >= patience:
                    self._given_up[server] = reason
        return reason


def _reason(kind: type[APIError]) -> str:
    return next((words for cls, words in _REASONS if issubclass(kind, cls)), "not reachable")
