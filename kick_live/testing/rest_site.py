"""The routes of the site, ``https://kick.com``: channels, chatrooms, viewers, emotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from kick_live.testing.channel import SimulatedChannel
from kick_live.testing.payloads import Payload, support
from kick_live.testing.payloads.chat import Person, badge
from kick_live.testing.payloads.stream import room_settings
from kick_live.testing.texts import microseconds, slug_of
from kick_live.testing.world import World

__all__ = ["SiteRoutes"]

_CATEGORY: Final[Payload] = {
    "id": 15,
    "name": "Just Chatting",
    "slug": "just-chatting",
    "tags": ["Casual"],
    "parent_category": {"id": 2, "slug": "irl"},
}
_BADGE_MONTHS: Final = (1, 3, 6, 12)


class SiteRoutes:
    """Answers as the site does.

    Args:
        world: The simulator.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def rules(self) -> list[Rule]:
        """The routes, with what answers each."""
        routes: dict[str, Callable[..., Any]] = {
            "/api/v2/channels/<slug>": self.channel,
            "/api/v1/channels/<slug>": self.channel,
            "/api/v2/channels/<slug>/info": self.info,
            "/api/v2/channels/<slug>/livestream": self.livestream,
            "/api/v2/channels/<slug>/chatroom": self.chatroom,
            "/api/v2/channels/<slug>/chatroom/rules": self.chatroom_rules,
            "/api/v2/channels/<slug>/polls": self.polls,
            "/api/v2/channels/<slug>/predictions/latest": self.prediction,
            "/api/v2/channels/<slug>/goals": self.goals,
            "/api/v2/channels/<slug>/leaderboards": self.leaderboards,
            "/api/v2/channels/<slug>/users/<name>": self.user,
            "/api/v2/channels/<slug>/videos": self.videos,
            "/api/v1/video/<uuid>": self.video,
            "/current-viewers": self.current_viewers,
            "/emotes/<slug>": self.emotes,
            "/stream/featured-livestreams/<language>": self.featured,
            "/api/v1/subcategories": self.subcategories,
            "/api/v1/categories": self.categories,
            "/api/v1/categories/top": self.top_categories,
        }
        return [Rule(path, endpoint=function, methods=["GET"]) for path, function in routes.items()]

    def channel(self, request: Request, slug: str) -> Payload:
        """The channel with its chatroom, streamer and livestream."""
        channel = self._find(slug)
        return {
            **channel.embedded(),
            "is_banned": channel.is_banned,
            "verified": False,
            "followers_count": channel.followers,
            "subscriber_badges": [
                {
                    "id": channel.channel_id * 10 + months,
                    "channel_id": channel.channel_id,
                    "months": months,
                    "badge_image": {
                        "src": f"https://files.kick.com/channel_subscriber_badges/{months}/original",
                        "srcset": "",
                    },
                }
                for months in _BADGE_MONTHS
            ],
            "livestream": self._livestream(channel),
            "user": {
                "id": channel.user_id,
                "username": channel.username,
                "bio": "",
                "profile_pic": None,
            },
        }

    def info(self, request: Request, slug: str) -> Payload:
        """The lighter form of the channel."""
        full = self.channel(request, slug)
        kept = ("id", "user_id", "slug", "is_banned", "playback_url", "livestream", "chatroom")
        return {key: full[key] for key in (*kept, "user", "followers_count")}

    def livestream(self, request: Request, slug: str) -> Payload:
        """The state of the stream; ``viewers`` here is ``viewer_count`` elsewhere."""
        channel = self._find(slug)
        live = channel.livestream_object()
        if live is None or channel.broadcast is None:
            return {"data": None}
        return {
            "data": {
                "id": live["id"],
                "slug": live["slug"],
                "session_title": live["session_title"],
                "created_at": microseconds(channel.broadcast.started),
                "language": "English",
                "is_mature": False,
                "viewers": channel.viewers,
                "category": _CATEGORY,
                "playback_url": "https://example.org/api/video/v1/stream.m3u8",
                "thumbnail": {"src": "https://example.org/preview.webp", "srcset": ""},
            }
        }

    def current_viewers(self, request: Request) -> list[Payload]:
        """The viewers of livestreams by their ids; those that are over are left out."""
        wanted = set(request.args.getlist("ids[]") + request.args.getlist("ids"))
        return [
            {"livestream_id": channel.broadcast.id, "viewers": channel.viewers}
            for channel in self._world.all_channels()
            if channel.broadcast is not None and str(channel.broadcast.id) in wanted
        ]

    def chatroom(self, request: Request, slug: str) -> Payload:
        """The modes of the room, in minutes and seconds as ChatroomUpdatedEvent has them."""
        channel = self._find(slug)
        flags = ("show_quick_emotes", "show_banners", "gifts_enabled")
        return {
            **room_settings(channel.chatroom_id, channel.modes),
            "advanced_bot_protection": {"enabled": False, "remaining_time": 0},
            "pinned_message": channel.pinned,
            **{flag: {"enabled": True} for flag in flags},
            "gifts_week_enabled": {"enabled": True},
            "gifts_month_enabled": {"enabled": True},
        }

    def chatroom_rules(self, request: Request, slug: str) -> Payload:
        """The rules of the room."""
        rules = self._find(slug).modes["rules"]
        return {
            "status": {"error": False, "code": 200, "message": "SUCCESS"},
            "data": {"rules": rules},
        }

    def polls(self, request: Request, slug: str) -> Payload:
        """The running poll."""
        return {"data": {"poll": self._find(slug).current_poll}, "message": "OK"}

    def prediction(self, request: Request, slug: str) -> Payload:
        """The latest prediction; REST spells a cancelled one with a single L."""
        found = self._find(slug).current_prediction
        if found is not None and found["state"] == "CANCELLED":
            found = {**found, "state": "CANCELED"}
        return {"data": {"prediction": found}, "message": "OK"}

    def goals(self, request: Request, slug: str) -> Payload:
        """The running goals."""
        goal = self._find(slug).current_goal
        return {"data": [] if goal is None else [goal], "message": "OK"}

    def leaderboards(self, request: Request, slug: str) -> Payload:
        """Who has given the most subscriptions."""
        channel = self._find(slug)
        board = support.ranking(channel.gift_totals, self._world.people_ids)
        result: Payload = {}
        for name in ("gifts", "gifts_week", "gifts_month"):
            result[name] = board
            result[f"{name}_enabled"] = True
        return result

    def user(self, request: Request, slug: str, name: str) -> Payload:
        """Somebody as this channel knows them; only those who have appeared exist."""
        channel = self._find(slug)
        person: Person | None = None
        if name.lower() in (channel.username.lower(), channel.slug):
            person = channel.streamer
        for username, user_id in self._world.people_ids.items():
            if name.lower() in (username.lower(), slug_of(username)):
                person = Person(user_id, username)
        if person is None:
            raise NotFound("User not found.")
        owner = person.id == channel.user_id
        return {
            **person.short(),
            "profile_pic": None,
            "is_staff": False,
            "is_channel_owner": owner,
            "is_moderator": owner,
            "badges": [{**badge("broadcaster"), "active": True}] if owner else [],
            "following_since": None,
            "subscribed_for": 0,
            "banned": {"permanent": channel.banned[person.username.lower()] is None}
            if person.username.lower() in channel.banned
            else None,
        }

    def video(self, request: Request, uuid: str) -> Payload:
        """A past broadcast."""
        for channel in self._world.all_channels():
            for video in channel.videos:
                if video["uuid"] == uuid.lower():
                    return video
        raise NotFound("Video not found.")

    def videos(self, request: Request, slug: str) -> list[Payload]:
        """The past broadcasts of a channel, newest first: broadcasts around their videos."""
        rows = []
        for video in self._find(slug).videos:
            live = {key: value for key, value in video["livestream"].items() if key != "channel"}
            inner = {key: value for key, value in video.items() if key != "livestream"}
            rows.append(
                {**live, "source": inner["source"], "views": inner["views"], "video": inner}
            )
        return sorted(rows, key=lambda row: str(row["start_time"]), reverse=True)

    def emotes(self, request: Request, slug: str) -> list[Payload]:
        """The emote sets: the channel's, everyone's, the emoji."""
        channel = self._find(slug)
        own = [
            {
                "id": 4100777 + index,
                "channel_id": channel.channel_id,
                "name": name,
                "subscribers_only": index > 0,
            }
            for index, name in enumerate(("quokkaClap", "quokkaNoWay"))
        ]
        return [
            {
                "id": channel.channel_id,
                "user_id": channel.user_id,
                "slug": channel.slug,
                "emotes": own,
            },
            _emote_set("Global", 39001, "WaveHi"),
            _emote_set("Emoji", 1730752, "emojiGrin"),
        ]

    def featured(self, request: Request, language: str) -> Payload:
        """The channels that are live."""
        rows = [
            {
                **live,
                "viewers": channel.viewers,
                "channel": {
                    "id": channel.channel_id,
                    "slug": channel.slug,
                    "user": {"username": channel.username},
                },
                "categories": [_CATEGORY],
            }
            for channel in self._world.all_channels()
            if (live := self._livestream(channel)) is not None
        ]
        return _page(rows)

    def subcategories(self, request: Request) -> Payload:
        """What can be streamed."""
        return _page([{**_CATEGORY, "category_id": 2, "viewers": self._audience()}])

    def categories(self, request: Request) -> list[Payload]:
        """The groups of what can be streamed."""
        return [{"id": 2, "name": "IRL", "slug": "irl", "icon": "irl"}]

    def top_categories(self, request: Request) -> list[Payload]:
        """What is watched most."""
        return [{**_CATEGORY, "viewers": self._audience()}]

    def _find(self, slug: str) -> SimulatedChannel:
        found = self._world.find(slug)
        if found is None:
            raise NotFound("Channel not found.")
        return found

    def _livestream(self, channel: SimulatedChannel) -> Payload | None:
        live = channel.livestream_object()
        if live is None:
            return None
        extra = {
            "lang_iso": "en",
            "thumbnail": {"url": "https://example.org/preview.webp"},
            "categories": [_CATEGORY],
            "tags": ["Casual"],
        }
        return {**live, **extra}

    def _audience(self) -> int:
        return sum(channel.viewers or 0 for channel in self._world.all_channels())


def _emote_set(name: str, emote_id: int, emote: str) -> Payload:
    emotes = [{"id": emote_id, "channel_id": None, "name": emote, "subscribers_only": False}]
    return {"name": name, "id": name, "emotes": emotes}


def _page(rows: list[Any]) -> Payload:
    return {
        "current_page": 1,
        "data": rows,
        "per_page": 25,
        "total": len(rows),
        "next_page_url": None,
        "prev_page_url": None,
    }
