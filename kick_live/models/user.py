"""People in chat, and the badges beside their names."""

from __future__ import annotations

from kick_live.models.base import Value

__all__ = ["Badge", "BadgeMetadata", "BadgeV2", "Identity", "User"]


class Badge(Value, frozen=True, kw_only=True):
    """A badge of a role, as in ``identity.badges``.

    Attributes:
        type: ``broadcaster``, ``moderator``, ``vip``, ``og``, ``founder``, ``subscriber``,
            ``sub_gifter``, ``verified``, ``staff``, ``bot``, ``sidekick``, or one newer than this
            library.
        text: What the site shows for it.
        count: Months for ``subscriber``, gifts for ``sub_gifter``; ``None`` where Kick gave none.
        sort_order: The site's order of display (since 2026); the list is not sorted by it.
        active: Only on the badges of somebody who pins a message.
    """

    type: str
    text: str = ""
    count: int | None = None
    sort_order: int | None = None
    active: bool | None = None


class BadgeMetadata(Value, frozen=True, kw_only=True):
    """What a badge of the newer kind says about itself.

    Attributes:
        level: The account's level, on the badge named ``level``.
    """

    level: int | None = None


class BadgeV2(Value, frozen=True, kw_only=True):
    """A badge of the newer, cosmetic kind, as in ``identity.badges_v2`` (since 2026).

    Attributes:
        name: ``level``, or the name of a cosmetic badge.
        badge_type: ``global`` in everything seen until October 2026.
        image_url: The picture.
        metadata: The account's level, for the level badge.
        selected: Whether the user wears it (our reading).
        sort_order: The site's order of display.
    """

    name: str | None = None
    badge_type: str | None = None
    image_url: str | None = None
    metadata: BadgeMetadata | None = None
    selected: bool | None = None
    sort_order: int | None = None


class Identity(Value, frozen=True, kw_only=True):
    """How a user appears in one chat.

    Attributes:
        color: The colour of the name as ``#RRGGBB``; may be empty or ``None``.
        badges: The badges of roles.
        badges_v2: The newer, cosmetic badges; empty before 2026.
    """

    color: str | None = None
    badges: tuple[Badge, ...] = ()
    badges_v2: tuple[BadgeV2, ...] = ()


_NO_IDENTITY = Identity()


class User(Value, frozen=True, kw_only=True):
    """Somebody on Kick.

    Attributes:
        id: The user id (not the channel id); ``None`` where Kick did not say, and 0 where it hides
            a moderator.
        username: The name as displayed. Bots' names may begin with ``@``.
        slug: The name in addresses. Read it, do not compute it.
        identity: Colour and badges; empty where the event carries none.
        profile_picture: The address of the picture; in few events.

    Example:
        >>> user = User(id=7, username="Maple", identity=Identity(badges=(Badge(type="vip"),)))
        >>> user.is_vip, user.is_moderator
        (True, False)
    """

    username: str
    id: int | None = None
    slug: str | None = None
    identity: Identity = _NO_IDENTITY
    profile_picture: str | None = None

    def badge(self, type: str) -> Badge | None:
        """The user's badge of a type, or ``None``."""
        for badge in self.identity.badges:
            if badge.type == type:
                return badge
        return None

    @property
    def color(self) -> str | None:
        """The colour of the name as ``#RRGGBB``, or ``None``."""
        return self.identity.color or None

    @property
    def badges(self) -> tuple[Badge, ...]:
        """The badges of roles; each is a ``Badge`` with its ``type``, ``text`` and ``count``."""
        return self.identity.badges

    @property
    def is_broadcaster(self) -> bool:
        """Whether this is the streamer."""
        return self.badge("broadcaster") is not None

    @property
    def is_moderator(self) -> bool:
        """Whether the user wears the moderator's badge."""
        return self.badge("moderator") is not None

    @property
    def is_vip(self) -> bool:
        """Whether the user wears the VIP badge."""
        return self.badge("vip") is not None

    @property
    def is_og(self) -> bool:
        """Whether the user wears the OG badge."""
        return self.badge("og") is not None

    @property
    def is_founder(self) -> bool:
        """Whether the user was among the first subscribers."""
        return self.badge("founder") is not None

    @property
    def is_subscriber(self) -> bool:
        """Whether the user subscribes; a founder counts, with or without the other badge."""
        return self.badge("subscriber") is not None or self.is_founder

    @property
    def is_sub_gifter(self) -> bool:
        """Whether the user has given subscriptions away."""
        return self.badge("sub_gifter") is not None

    @property
    def is_verified(self) -> bool:
        """Whether the user's own channel is verified."""
        return self.badge("verified") is not None

    @property
    def is_staff(self) -> bool:
        """Whether the user works at Kick."""
        return self.badge("staff") is not None

    @property
    def is_bot(self) -> bool:
        """Whether the account is marked as a bot."""
        return self.badge("bot") is not None

    @property
    def subscriber_months(self) -> int | None:
        """Months on the subscriber's badge, or ``None``."""
        badge = self.badge("subscriber")
        return None if badge is None else badge.count

    @property
    def gifted_count(self) -> int | None:
        """Subscriptions given away, from the gifter's badge, or ``None``."""
        badge = self.badge("sub_gifter")
        return None if badge is None else badge.count

    @property
    def level(self) -> int | None:
        """The account's level, from the newer badges, or ``None``."""
        for badge in self.identity.badges_v2:
            if badge.metadata is not None and badge.metadata.level is not None:
                return badge.metadata.level
        return None
