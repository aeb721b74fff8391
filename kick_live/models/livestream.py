"""Broadcasts, and the categories they run in."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kick_live.models.time import Time

__all__ = ["Category", "CategoryPage", "Livestream", "LivestreamPage"]


@frozen(kw_only=True)
class Category:
    """A category of the site, or one of its sub-categories (the games).

    Attributes:
        id: Kick's id.
        name: As displayed.
        slug: The name in addresses.
        parent_id: The id of the category that a sub-category belongs to, or ``None``.
        viewers: People watching it now; ``None`` where Kick did not say.
        tags: What Kick files it under.
        icon: The sign of a main category, or ``None``.
    """

    id: int
    name: str = ""
    slug: str | None = None
    parent_id: int | None = None
    viewers: int | None = None
    tags: tuple[str, ...] = ()
    icon: str | None = None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Bring the forms of the different endpoints together."""
        parent = payload.get("parent_category")
        if not isinstance(parent, dict):
            parent = payload.get("category")
        parent_id = payload.get("category_id")
        if parent_id is None and isinstance(parent, dict):
            parent_id = parent.get("id")
        return {**payload, "parent_id": parent_id}


@frozen(kw_only=True)
class CategoryPage:
    """A page of a list of categories.

    Attributes:
        items: The categories.
        page: The number of this page, from 1.
        last_page: The number of the last page, or ``None`` where Kick did not say.
    """

    items: tuple[Category, ...] = ()
    page: int = 1
    last_page: int | None = None


@frozen(kw_only=True)
class Livestream:
    """A broadcast that is running.

    Attributes:
        id: The livestream's id; what ``current_viewers`` takes. Not the channel's.
        slug: The broadcast's name in addresses.
        session_title: The title.
        channel_id: The channel's id; ``None`` where the endpoint does not tell.
        channel_slug: The streamer's name in addresses; only in lists of livestreams.
        username: The streamer's name; only in lists of livestreams.
        created_at: When it was made.
        start_time: When it began; ``None`` where the endpoint does not tell.
        viewers: People watching; may be ``None`` in a broadcast's first moments.
        language: As Kick writes it, for instance ``English``.
        is_mature: Whether it is marked for adults.
        categories: What is played or shown.
        tags: The streamer's tags.
        thumbnail_url: A picture of it.
        playback_url: The video, an HLS playlist.
    """

    id: int
    slug: str | None = None
    session_title: str = ""
    channel_id: int | None = None
    channel_slug: str | None = None
    username: str | None = None
    created_at: Time | None = None
    start_time: Time | None = None
    viewers: int | None = None
    language: str | None = None
    is_mature: bool | None = None
    categories: tuple[Category, ...] = ()
    tags: tuple[str, ...] = ()
    thumbnail_url: str | None = None
    playback_url: str | None = None

    @property
    def title(self) -> str:
        """The title."""
        return self.session_title

    @property
    def category(self) -> Category | None:
        """The first category, or ``None``."""
        return self.categories[0] if self.categories else None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Bring the forms of the different endpoints together."""
        categories = payload.get("categories")
        if not isinstance(categories, list):
            categories = [payload.get("category")]
        thumbnail = payload.get("thumbnail")
        if isinstance(thumbnail, dict):
            thumbnail = thumbnail.get("url") or thumbnail.get("src")
        shaped = {
            **payload,
            "viewers": payload.get("viewers", payload.get("viewer_count")),
            "categories": [Category.reshape(item) for item in categories if isinstance(item, dict)],
            "thumbnail_url": thumbnail,
        }
        channel = payload.get("channel")
        if isinstance(channel, dict):
            user = channel.get("user")
            shaped["channel_slug"] = channel.get("slug")
            shaped["channel_id"] = payload.get("channel_id", channel.get("id"))
            shaped["username"] = user.get("username") if isinstance(user, dict) else None
        return shaped


@frozen(kw_only=True)
class LivestreamPage:
    """A page of a list of livestreams.

    Attributes:
        items: The livestreams.
        page: The number of this page, from 1.
        has_more: Whether another page follows.
    """

    items: tuple[Livestream, ...] = ()
    page: int = 1
    has_more: bool = False
