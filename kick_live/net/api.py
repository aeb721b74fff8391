"""Kick's REST endpoints, as typed calls."""

from __future__ import annotations

import contextlib
import json
import random as _random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from types import NoneType
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from kick_live.arguments import check_flag, check_instance, check_seconds, check_text, check_whole
from kick_live.errors import InvalidChannel, InvalidResponse, NotFound
from kick_live.events.chatroom import shape_chat_settings
from kick_live.events.gifts import KicksGift
from kick_live.events.polls import Poll
from kick_live.events.predictions import Prediction
from kick_live.events.tolerant import ConversionError, parse_json
from kick_live.models.channel import Channel, ChannelInfo, ChannelRef
from kick_live.models.chatroom import ChatSettings
from kick_live.models.livestream import Category, CategoryPage, Livestream, LivestreamPage
from kick_live.models.people import ChannelUser, EmoteSet
from kick_live.models.video import Video
from kick_live.net import shapes
from kick_live.net.answers import Answer
from kick_live.net.callers import Caller
from kick_live.net.endpoints import Endpoints, check_endpoints
from kick_live.net.http import HTTPClient
from kick_live.net.proxies import check_proxy, require_socks
from kick_live.net.resolver import parse_channel
from kick_live.net.results import (
    ChatroomSettings,
    Goal,
    HistoryPage,
    KicksLeaderboard,
    Leaderboards,
    PinnedGift,
)
from kick_live.net.video_address import parse_video
from kick_live.words import public_address

__all__ = ["ChannelLike", "HasChannelId", "KickAPI"]

T = TypeVar("T")

#: Everything that names a channel: a name, an address, a reference, or the channel itself.
ChannelLike: TypeAlias = str | ChannelRef | Channel
#: Everything that has a channel's id: the number, a reference with it, or the channel itself.
HasChannelId: TypeAlias = int | ChannelRef | Channel

_DEFAULT_ENDPOINTS: Final = Endpoints()
_USERNAME: Final = re.compile(r"@?[A-Za-z0-9_-]{1,64}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?")
#: What the site itself sends to its realtime service (October 2026).
_REALTIME_HEADERS: Final = {
    "Content-Type": "application/json",
    "Origin": "https://kick.com",
    "Referer": "https://kick.com/",
    "x-app-platform": "web",
}


class KickAPI:
    """Reads Kick's REST endpoints; usable by itself, without a client.

    Every call blocks until the answer is there, may be made from any thread, and after ``close``
    raises ``ClientClosed``. Requests to one host are spread over time; those that fail for a passing
    reason are repeated. The endpoints are unofficial and unauthenticated: they may change any day,
    so results are read tolerantly, and a value of an unexpected type costs only its field.

    Besides what a method's Raises section names, each may raise ``Blocked`` (Kick's protection
    refused), ``RateLimited``, ``ServerError``, ``InvalidResponse``, ``Unreachable`` - all of them
    kinds of ``APIError`` - and ``ClientClosed``. Those that take a channel raise ``InvalidChannel``
    for what names none. One that is given by its ids alone is looked up by its channel id first,
    which costs a request; ``NotFound`` or ``InvalidChannel`` says where Kick does not find it so.
    Where Kick wants a channel's id, a ``Channel`` or ``ChannelRef`` with it serves as well. An
    argument of another type raises ``TypeError``, one that makes no sense ``ValueError``.

    Args:
        endpoints: Where Kick's servers are.
        session: A ``requests.Session`` of your own, or anything with its ``request`` method, such as
            a session of curl_cffi. It is used as it is and not closed; ``close`` cannot end requests
            of it that got no answer yet, which last until their time-out. Its own User-Agent is kept, except
            the default of requests, which Kick refuses.
        proxy: The address of a proxy for all requests, such as ``http://user:pass@host:3128``. An
            empty string switches the environment's proxies off; ``None`` leaves them to requests.
        impersonate: Shake hands like a browser, which gets past some refusals; needs the extra
            ``impersonate``. ``close`` cannot end its blocked requests either.
        user_agent: What the program calls itself. The default passes where a browser's full text is
            refused (October 2026).
        timeout: Seconds to wait for a connection, and for each part of an answer; the whole may take
            three times as long.
        min_interval: Seconds between the starts of two GET requests to one host.
        retries: How often a GET request is repeated that found no server, a 5xx status or a 429.
        ca_bundle: A file of certificates in PEM format to trust instead of the usual ones, or a
            directory of them. ``None`` leaves that to requests, which also minds the environment
            variable ``REQUESTS_CA_BUNDLE``.
        clock: A monotonic clock, for tests.
        random: Returns a number from 0 to 1, for tests.
        sleep: Waits some seconds, for tests; if given, ``close`` does not cut waits short.

    Raises:
        TypeError: An argument is of another type than it must be.
        ValueError: An argument makes no sense.
        MissingExtra: ``impersonate`` is set, or the proxy speaks SOCKS, and the extra for it,
            ``impersonate`` or ``socks``, is not installed.

    Example:
        >>> with KickAPI() as api:
        ...     api.endpoints.site
        'https://kick.com'
    """

    def __init__(
        self,
        endpoints: Endpoints = _DEFAULT_ENDPOINTS,
        *,
        session: Any = None,
        proxy: str | None = None,
        impersonate: bool = False,
        user_agent: str = "Mozilla/5.0",
        timeout: float = 10.0,
        min_interval: float = 1.0,
        retries: int = 2,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        check_endpoints(endpoints)
        check_proxy("proxy", proxy, tls=True)
        check_flag("impersonate", impersonate)
        if session is None and not impersonate:
            require_socks(proxy)
        check_seconds("timeout", timeout, zero=False)
        check_seconds("min_interval", min_interval)
        check_whole("retries", retries, 0)
        check_text("ca_bundle", ca_bundle, "certificates.pem")
        self.endpoints = endpoints
        self._http = HTTPClient(
            session=session,
            proxy=proxy,
            impersonate=impersonate,
            user_agent=user_agent,
            timeout=timeout,
            min_interval=min_interval,
            retries=retries,
            ca_bundle=ca_bundle,
            clock=clock,
            random=random,
            sleep=sleep,
        )

    def __enter__(self) -> KickAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._http.closed

    def close(self) -> None:
        """Make blocked calls fail at once, and later ones too, with ``ClientClosed``.

        Does not block; may be repeated and called from any thread.
        """
        self._http.close()

    def caller(self) -> Caller:
        """Share this API with others, and end only one's own requests.

        ``KickClient(api=...)`` does this, so that closing it neither waits for its requests nor ends
        those of others.

        Returns:
            A context: what a thread asks inside it, ``close`` of the context ends.

        Example:
            >>> with KickAPI() as api:
            ...     caller = api.caller()
            ...     caller.close()
            ...     caller.closed, api.closed
            (True, False)
        """
        return self._http.caller()

    # -- channels ---------------------------------------------------------------------------------

    def channel(self, slug: ChannelLike) -> ChannelInfo:
        """A channel with its ids, its streamer and the running broadcast (form of September 2026).

        The slug is tried as it is; ``Resolver`` tries variants. A channel id in its place works too.

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        ref = parse_channel(slug)
        return self._by_id(ref) if ref.slug is None else self._channel(ref.slug)

    def livestream(self, slug: ChannelLike) -> Livestream | None:
        """The running broadcast, or ``None`` while offline (form of March 2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        ref = parse_channel(slug)
        if ref.slug is None:
            return self._by_id(ref).livestream
        url, answer = self._site(f"/api/v2/channels/{ref.slug}/livestream")
        data = shapes.data_of(answer)
        return shapes.read(Livestream.reshape(data), Livestream, url) if _is_full(data) else None

    def current_viewers(self, *livestream_ids: int) -> dict[int, int]:
        """How many people watch, by livestream id (19 March 2026).

        The cheapest way to ask for viewers. Kick counts about once a minute. What is not running is
        missing in the result.

        Args:
            livestream_ids: Ids of broadcasts, not of channels.
        """
        if not livestream_ids:
            return {}
        for livestream_id in livestream_ids:
            check_whole("livestream_ids", livestream_id)
        params = [("ids[]", int(number)) for number in livestream_ids]
        url, answer = self._site("/current-viewers", params)
        counts: dict[int, int] = {}
        for row in shapes.items_of(answer, "viewers", url):
            if isinstance(row, dict):
                number, viewers = _number(row.get("livestream_id")), _number(row.get("viewers"))
                if number is not None and viewers is not None:
                    counts[number] = viewers
        return counts

    def user(self, slug: ChannelLike, username: str) -> ChannelUser:
        """A user, as a channel sees them: badges, follow, months subscribed, ban (2026).

        Args:
            slug: The channel.
            username: The user.

        Raises:
            NotFound: No such channel or user.
        """
        if not isinstance(username, str) or not _USERNAME.fullmatch(username.strip()):
            raise InvalidChannel(
                f"{username!r} is not the name of a user: one has only letters, digits, _ and -.",
                value=username,
            )
        name = username.strip().removeprefix("@")
        url, answer = self._site(f"/api/v2/channels/{self._slug(slug)}/users/{name}")
        data = shapes.data_of(answer)
        return shapes.read(ChannelUser.reshape(_dict(data)), ChannelUser, url)

    def emotes(self, slug: ChannelLike) -> tuple[EmoteSet, ...]:
        """The emotes of a channel: its own set, then the site's (2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        url, answer = self._site(f"/emotes/{self._slug(slug)}")
        return shapes.read_items(shapes.items_of(answer, "emotes", url), EmoteSet, EmoteSet.reshape)

    # -- chatrooms --------------------------------------------------------------------------------

    def chatroom(self, slug: ChannelLike) -> ChatroomSettings:
        """The rules that a chatroom is under, and its pinned message (2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        url, answer = self._site(f"/api/v2/channels/{self._slug(slug)}/chatroom")
        return shapes.chatroom_settings(shapes.data_of(answer), url)

    def chatroom_rules(self, slug: ChannelLike) -> str:
        """What the streamer asks of people in chat; empty where nothing is written (2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        _, answer = self._site(f"/api/v2/channels/{self._slug(slug)}/chatroom/rules")
        rules = _dict(shapes.data_of(answer)).get("rules")
        return rules if isinstance(rules, str) else ""

    def chat_settings(self, channel_id: HasChannelId) -> ChatSettings:
        """The rules that a chatroom is under, in the form of ``ChatSettingsChanged`` (2026).

        Args:
            channel_id: The channel's id, not the chatroom's.

        Raises:
            NotFound: No such channel.
        """
        url, answer = self._web(f"/api/v1/channels/{_id_of(channel_id)}/chat/settings")
        return shapes.read(shape_chat_settings(shapes.data_of(answer)), ChatSettings, url)

    def history(
        self,
        channel_id: HasChannelId,
        cursor: str | None = None,
        start_time: datetime | None = None,
        *,
        channel: Channel | None = None,
    ) -> HistoryPage:
        """About 25 messages out of a chat's past, oldest first (July 2026).

        Args:
            channel_id: The channel's id. With a chatroom's id Kick answers with nothing.
            cursor: That of a page, to get the one before it; the newest messages if not given.
            start_time: A moment around which to read, which is how the chat of past broadcasts is
                replayed; taken as UTC where it has no zone.
            channel: What to write into the messages as their channel; not needed where
                ``channel_id`` is a ``Channel``.
        """
        check_text("cursor", cursor, "1783405879956403")
        check_instance("start_time", start_time, (datetime, NoneType), "a datetime, or None")
        check_instance("channel", channel, (Channel, NoneType), "a Channel, or None")
        if channel is None and isinstance(channel_id, Channel):
            channel = channel_id
        params: list[tuple[str, object]] = []
        if cursor is not None:
            params.append(("cursor", cursor))
        if start_time is not None:
            params.append(("start_time", _in_utc(start_time)))
        address = f"{self.endpoints.web}/api/v1/chat/{_id_of(channel_id)}/history"
        reply = self._http.get(address, params)
        url = public_address(address)
        answer = _parsed(reply)
        shapes.refuse_missing(answer, url)
        data = shapes.data_of(answer)
        if not isinstance(data, dict):
            raise InvalidResponse(
                f"{url} answered without messages: Kick may have changed the endpoint.",
                url=url,
                status=200,
            )
        return attrs.evolve(shapes.history_page(data, channel), served_at=reply.served_at)

    def iter_history(
        self,
        channel_id: HasChannelId,
        cursor: str | None = None,
        start_time: datetime | None = None,
        *,
        channel: Channel | None = None,
    ) -> Iterator[HistoryPage]:
        """Pages of a chat's past, each older than the one before it, until there are no more.

        Args:
            channel_id: As for ``history``.
            cursor: As for ``history``.
            start_time: As for ``history``.
            channel: As for ``history``.
        """
        seen: set[str] = set()
        while True:
            page = self.history(channel_id, cursor, start_time, channel=channel)
            yield page
            cursor, start_time = page.cursor, None
            # A cursor that comes again would lead round in circles.
            if cursor is None or cursor in seen:
                return
            seen.add(cursor)

    # -- past broadcasts --------------------------------------------------------------------------

    def video(self, uuid_or_url: str) -> Video:
        """A past broadcast; its chat is read by ``VodChat`` (form of 2025 and 2026).

        Args:
            uuid_or_url: The video's UUID or address.

        Raises:
            NotFound: No such video; it may have been deleted, or made private.
            InvalidChannel: What was given names no video.
        """
        url, answer = self._site(f"/api/v1/video/{parse_video(uuid_or_url)}")
        return shapes.read(Video.reshape(_dict(shapes.data_of(answer))), Video, url)

    def videos(self, slug: ChannelLike) -> tuple[Video, ...]:
        """The past broadcasts of a channel, in Kick's order (form of 2025 and 2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        name = self._slug(slug)
        url, answer = self._site(f"/api/v2/channels/{name}/videos")
        videos = shapes.read_items(shapes.items_of(answer, "videos", url), Video, Video.reshape)
        return tuple(
            attrs.evolve(video, channel_slug=video.channel_slug or name) for video in videos
        )

    # -- polls, predictions, goals ----------------------------------------------------------------

    def polls(self, slug: ChannelLike) -> Poll | None:
        """The running poll, or ``None`` (2026).

        Args:
            slug: The channel.
        """
        return self._optional(f"/api/v2/channels/{self._slug(slug)}/polls", "poll", Poll)

    def latest_prediction(self, slug: ChannelLike) -> Prediction | None:
        """The last prediction, running or over, or ``None`` (2026).

        Args:
            slug: The channel.
        """
        path = f"/api/v2/channels/{self._slug(slug)}/predictions/latest"
        return self._optional(path, "prediction", Prediction)

    def goals(self, slug: ChannelLike) -> tuple[Goal, ...]:
        """The channel's goals (2026).

        Args:
            slug: The channel.
        """
        url, answer = self._site(f"/api/v2/channels/{self._slug(slug)}/goals")
        return shapes.read_items(shapes.items_of(answer, "goals", url), Goal)

    # -- gifts ------------------------------------------------------------------------------------

    def leaderboards(self, slug: ChannelLike) -> Leaderboards:
        """Who gave most subscriptions away (2026).

        Args:
            slug: The channel.

        Raises:
            NotFound: No such channel.
        """
        url, answer = self._site(f"/api/v2/channels/{self._slug(slug)}/leaderboards")
        return shapes.read(shapes.data_of(answer), Leaderboards, url)

    def kicks_leaderboard(self, channel_id: HasChannelId) -> KicksLeaderboard:
        """Who gave most Kicks (2026).

        Args:
            channel_id: The channel's id.

        Raises:
            NotFound: No such channel.
        """
        url, answer = self._web(f"/api/v1/kicks/{_id_of(channel_id)}/leaderboard")
        return shapes.kicks_leaderboard(shapes.data_of(answer), url)

    def pinned_gifts(self, channel_id: HasChannelId) -> tuple[PinnedGift, ...]:
        """The gifts that are pinned in a chat now (2026).

        Args:
            channel_id: The channel's id.
        """
        url, answer = self._web(f"/api/v1/kicks/{_id_of(channel_id)}/pinned-gifts")
        items = shapes.items_of(answer, "pinned_gifts", url)
        return shapes.read_items(items, PinnedGift, shapes.pinned_gift)

    def kicks_catalogue(self) -> tuple[KicksGift, ...]:
        """The gifts that can be bought with Kicks (2026)."""
        url, answer = self._web("/api/v1/kicks/gifts")
        return shapes.read_items(
            shapes.items_of(answer, "gifts", url), KicksGift, shapes.kicks_gift
        )

    # -- the site ---------------------------------------------------------------------------------

    def categories(self) -> tuple[Category, ...]:
        """The main categories (path and form reported by other clients until 2026)."""
        return self._categories("/api/v1/categories")

    def top_categories(self) -> tuple[Category, ...]:
        """The categories that most people watch (path and form reported by other clients)."""
        return self._categories("/api/v1/categories/top")

    def subcategories(self, page: int = 1, limit: int = 32) -> CategoryPage:
        """A page of the sub-categories, the most watched first (reported by other clients).

        Args:
            page: From 1.
            limit: How many on a page.
        """
        check_whole("page", page, 1)
        check_whole("limit", limit, 1)
        params = [("page", int(page)), ("limit", int(limit))]
        url, answer = self._site("/api/v1/subcategories", params)
        items = shapes.items_of(answer, "subcategories", url)
        last = _dict(answer).get("last_page")
        return CategoryPage(
            items=shapes.read_items(items, Category, Category.reshape),
            page=int(page),
            last_page=_number(last),
        )

    def featured_livestreams(self, language: str = "en", page: int = 1) -> LivestreamPage:
        """A page of the broadcasts that the site features (reported by other clients until 2026).

        Args:
            language: A code of two letters.
            page: From 1.

        Raises:
            NotFound: No such language.
        """
        check_text("language", language, "en", none=False)
        check_whole("page", page, 1)
        if not _LANGUAGE.fullmatch(language):
            raise NotFound(f"{language!r} is not the code of a language; give one like 'en'.")
        url, answer = self._site(f"/stream/featured-livestreams/{language}", [("page", int(page))])
        items = shapes.items_of(answer, "livestreams", url)
        return LivestreamPage(
            items=shapes.read_items(items, Livestream, Livestream.reshape),
            page=int(page),
            has_more=bool(_dict(answer).get("next_page_url")),
        )

    # -- the realtime service ---------------------------------------------------------------------

    def realtime(self, path: str, body: object) -> object:
        """Ask the realtime service: one POST, not paced, not repeated, not redirected.

        Args:
            path: Below ``Endpoints.web``, such as ``/api/v1/realtime/connection``.
            body: What to send as JSON.

        Returns:
            What a JSON parser makes of the answer.
        """
        url = self.endpoints.web + path
        answer = self._http.post(url, json.dumps(body).encode(), _REALTIME_HEADERS)
        return _parsed(answer)

    def _channel(self, name: str) -> ChannelInfo:
        url, answer = self._site(f"/api/v2/channels/{name}")
        if not isinstance(answer, dict):
            answer = {}
        if not isinstance(answer.get("slug"), str):
            answer = {**answer, "slug": name}
        try:
            return shapes.read(ChannelInfo.reshape(answer), ChannelInfo, url)
        except InvalidResponse:
            if answer.get("is_banned") is True:
                raise NotFound(
                    f"The channel {name} is banned from Kick.", tried=(name,), url=url, status=200
                ) from None
            raise

    def _by_id(self, ref: ChannelRef) -> ChannelInfo:
        name = str(ref.channel_id)
        give = f"Give its name, too: ChannelRef(slug=..., channel_id={name}, chatroom_id=...)."
        try:
            info = self._channel(name)
        except NotFound as error:
            if error.tried:
                raise
            raise NotFound(
                f"Kick finds no channel by the id {name}. {give}",
                tried=(name,),
                url=error.url,
                status=error.status,
            ) from error
        # A name may be all digits, too: the answer may be a stranger's.
        if info.channel_id != ref.channel_id:
            raise InvalidChannel(
                f"Kick does not find the channel id {name}: it answers with {info.slug}, whose "
                f"channel id is {info.channel_id}. {give}",
                value=ref,
            )
        return info

    def _slug(self, channel: ChannelLike) -> str:
        """A channel's name for a path; only the path of the channel itself is known to take ids."""
        ref = parse_channel(channel)
        if ref.slug is not None:
            return ref.slug
        return parse_channel(self._by_id(ref).channel).slug or str(ref.channel_id)

    def _categories(self, path: str) -> tuple[Category, ...]:
        url, answer = self._site(path)
        items = shapes.items_of(answer, "categories", url)
        return shapes.read_items(items, Category, Category.reshape)

    def _optional(self, path: str, name: str, cls: type[T]) -> T | None:
        """What an answer holds under a name, or None where there is nothing; 404 means nothing."""
        try:
            url, answer = self._site(path)
        except NotFound:
            return None
        data = _dict(shapes.data_of(answer)).get(name)
        return shapes.read(data, cls, url) if _is_full(data) else None

    def _site(self, path: str, params: Iterable[tuple[str, object]] = ()) -> tuple[str, Any]:
        return self._get(self.endpoints.site + path, params)

    def _web(self, path: str, params: Iterable[tuple[str, object]] = ()) -> tuple[str, Any]:
        return self._get(self.endpoints.web + path, params)

    def _get(self, url: str, params: Iterable[tuple[str, object]]) -> tuple[str, Any]:
        """What came, and the address for people, which holds no password."""
        reply = self._http.get(url, params)
        answer, shown = _parsed(reply), public_address(url)
        shapes.refuse_missing(answer, shown)
        return shown, answer


def _parsed(answer: Answer) -> Any:
    with contextlib.suppress(ConversionError):
        return parse_json(answer.body)
    # Outside the handler: the parser's error keeps the whole text, which may hold a token.
    raise InvalidResponse(
        f"{answer.url} answered with something else than JSON: a proxy may be in between, or Kick "
        "changed the endpoint.",
        url=answer.url,
        status=answer.status,
    )


def _id_of(channel_id: HasChannelId) -> int:
    if not isinstance(channel_id, (Channel, ChannelRef)):
        check_whole("channel_id", channel_id)
        return int(channel_id)
    number = parse_channel(channel_id).channel_id
    if number is None:
        raise InvalidChannel(
            f"{channel_id!r} has no channel id, which is wanted here; KickAPI.channel() finds it.",
            value=channel_id,
        )
    return number


def _in_utc(start_time: datetime) -> str:
    if start_time.tzinfo is None:
        start_time = start_time.replace(tzinfo=timezone.utc)
    try:
        moment = start_time.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(
            f"start_time must be a moment that there is in UTC, too, not {start_time}."
        ) from None
    return moment.isoformat(timespec="milliseconds") + "Z"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_full(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _number(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
