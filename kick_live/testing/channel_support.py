"""Subscriptions, gifts, Kicks, rewards and goals of a simulated channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from kick_live.arguments import check_choice, check_texts, check_whole
from kick_live.testing.channel_base import ChannelBase
from kick_live.testing.payloads import Payload, support
from kick_live.testing.texts import Ids, microseconds, nanoseconds, utc_now

__all__ = ["SupportActions"]

_GOAL_EVENTS: Final = {
    "created": ("GoalCreatedEvent", "active"),
    "updated": ("GoalUpdatedEvent", "active"),
    "progress": ("GoalProgressUpdateEvent", "active"),
    "achieved": ("GoalAchievedEvent", "achieved"),
    "canceled": ("GoalCanceledEvent", "canceled"),
}


class SupportActions(ChannelBase):
    """Everything viewers pay for, and the goals they reach together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gift_totals: Counter[str] = Counter()
        self.kicks_totals: Counter[str] = Counter()
        self.pinned_gifts: list[tuple[datetime, Payload]] = []
        self.current_goal: Payload | None = None
        # A text id of its own kind, not the numeric channel id; it does not change.
        self._goal_channel = Ids(self.channel_id).ulid("channel_")

    def subscribe(
        self,
        username: str,
        months: int = 1,
        text: str | None = None,
        *,
        user_id: int | None = None,
    ) -> Payload:
        """Subscribe, or subscribe again: five frames on three topics in a shuffled order.

        Args:
            username: Who subscribes.
            months: The months in all.
            text: The words that go with a resub; they travel in ChatMessageSentEvent.
            user_id: Their id.

        Returns:
            The payload of SubscriptionEvent.
        """
        check_whole("months", months, 1)
        person, now = self._world.person(username, user_id), utc_now()
        self.subscribers += 1
        payload = {
            "chatroom_id": self.chatroom_id,
            "username": person.username,
            "months": months,
        }
        spoken = support.announcement(
            self._world.ids,
            self.chatroom_id,
            person,
            now,
            action="subscribe",
            months=months,
            text=text,
        )
        fed = support.activity(self.channel_id, "new_subscriber", person.username, now)
        new = {
            "channel_id": self.channel_id,
            "last_subscriber": person.username,
            "count": self.subscribers,
        }
        self._shuffled(
            [
                ("App\\Events\\SubscriptionEvent", payload, self.chat_topic),
                ("App\\Events\\ChatMessageSentEvent", spoken, self._chatroom),
                self._receivers([person.id], person.username),
                ("App\\Events\\NewSubscriberUpdatedEvent", new, self._channel),
                ("App\\Events\\NewActivityFeedEvent", fed, self._channel),
            ]
        )
        return payload

    def gift_subs(
        self,
        usernames: Sequence[str],
        gifter: str | None = "big_spruce",
        *,
        lifetime_total: int | None = None,
        chunks: int = 1,
        anonymous_name: str | None = "Anonymous",
    ) -> list[Payload]:
        """Give subscriptions away: the drop, in one frame or several, and its siblings.

        Args:
            usernames: Who receives one.
            gifter: Who gives; ``None`` for somebody anonymous.
            lifetime_total: What they have given here in all; counted if not given.
            chunks: Over how many frames the names are spread.
            anonymous_name: What an anonymous gifter is called; Kick may send ``null`` as well.

        Returns:
            The payloads of GiftedSubscriptionsEvent, one for each chunk.
        """
        check_texts("usernames", usernames)
        check_whole("chunks", chunks, 1)
        ids, now, count = self._world.ids, utc_now(), len(usernames)
        receivers = [self._world.person(name).id for name in usernames]
        shown = anonymous_name if gifter is None else gifter
        total = lifetime_total or 0
        siblings: list[tuple[str, Any, str]] = []
        if gifter is not None:
            person = self._world.person(gifter)
            before = self.gift_totals[gifter]
            self.gift_totals[gifter] = before + count if lifetime_total is None else lifetime_total
            total = self.gift_totals[gifter]
            spoken = support.announcement(
                ids,
                self.chatroom_id,
                person,
                now,
                action="gift",
                gifts=count,
                lifetime=total,
            )
            siblings = [
                ("GiftsLeaderboardUpdated", self._gift_leaderboard(gifter, count), self._channel),
                ("App\\Events\\ChatMessageSentEvent", spoken, self._chatroom),
            ]
        lucky = {
            "channel": self.embedded(),
            "usernames": list(reversed(usernames)),
            "gifter_username": shown,
        }
        name = shown or "Anonymous"
        fed = support.activity(self.channel_id, "gift", name, now, quantity=count)
        siblings += [
            (
                "App\\Events\\LuckyUsersWhoGotGiftSubscriptionsEvent",
                lucky,
                f"channel.{self.channel_id}",
            ),
            self._receivers(receivers, name),
            ("App\\Events\\NewActivityFeedEvent", fed, self._channel),
        ]
        frames = support.gift_chunks(
            ids, self.chatroom_id, shown, usernames, lifetime=total, chunks=chunks
        )
        self._shuffled(
            siblings + [("GiftedSubscriptionsEvent", frame, self._chatroom) for frame in frames]
        )
        return frames

    def gift_kicks(
        self,
        amount: int = 100,
        username: str = "golden_moth",
        message: str | None = None,
        *,
        pinned_seconds: float | None = None,
        gift_id: str | None = None,
        user_id: int | None = None,
    ) -> Payload:
        """Give Kicks; the leaderboard follows, and a pinned gift shows up under pinned-gifts.

        Args:
            amount: How many.
            username: Who gives them.
            message: The words with it; ``None`` leaves the field out.
            pinned_seconds: How long it stays pinned; what is usual for the gift if not given.
            gift_id: The gift; a known one of this amount if not given.
            user_id: The giver's id.
        """
        check_whole("amount", amount, 1)
        now, person = utc_now(), self._world.person(username, user_id)
        catalogue = support.GIFT_CATALOGUE
        if gift_id is None:
            gift_id = next((key for key, gift in catalogue.items() if gift[1] == amount), "custom")
        name, _, kind, tier, limit, usual = catalogue.get(
            gift_id, (gift_id.replace("_", " ").title(), amount, "BASIC", "BASIC", 0, 0)
        )
        pinned = usual if pinned_seconds is None else pinned_seconds
        if pinned and kind == "BASIC":
            kind, tier, limit = "LEVEL_UP", "MID", 150
        gift = {
            "gift_id": gift_id,
            "name": name,
            "amount": amount,
            "type": kind,
            "tier": tier,
            "character_limit": limit,
        }
        payload = support.kicks(self._world.ids, person, gift, now, message=message, pinned=pinned)
        if pinned:
            self.pinned_gifts.append((now + timedelta(seconds=pinned), payload))
        self.kicks_totals[person.username] += amount
        board = support.ranking(self.kicks_totals, self._world.people_ids)
        leaders: Payload = {}
        for period in ("lifetime", "week", "month"):
            leaders[f"gifts_{period}"] = board
            leaders[f"gifts_{period}_enabled"] = True
        self.publish("KicksGifted", payload, self._channel)
        self.publish("KicksLeaderboardUpdated", leaders, self._channel)
        return payload

    def redeem_reward(
        self,
        title: str,
        username: str = "Maple_Harbor",
        user_input: str = "",
        *,
        user_id: int | None = None,
    ) -> Payload:
        """Redeem a reward of the channel."""
        person = self._world.person(username, user_id)
        payload = support.reward(self.channel_id, person, title, user_input)
        self.publish("RewardRedeemedEvent", payload, self._chatroom)
        return payload

    def goal(
        self,
        what: Literal["created", "updated", "progress", "achieved", "canceled"] = "progress",
        *,
        current: int | None = None,
        target: int | None = None,
        kind: str = "followers",
    ) -> Payload:
        """Publish a step of the channel's goal; a first step of any kind begins one.

        Args:
            what: What happened.
            current: The value reached; as before if not given.
            target: The value to reach; as before if not given.
            kind: What is counted.
        """
        check_choice("what", what, tuple(_GOAL_EVENTS))
        event, status = _GOAL_EVENTS[what]
        now, ids = utc_now(), self._world.ids
        goal = self.current_goal
        if goal is None or what == "created":
            goal = {
                "id": ids.ulid("chgoal_"),
                "channel_id": self._goal_channel,
                "type": kind,
                "target_value": 300,
                "current_value": 0,
                "progress_bar_emoji_id": "chnl-goal-emotes/2",
                "status": status,
                "created_at": microseconds(now),
                "updated_at": microseconds(now),
                "achieved_at": None,
                "end_date": None,
                "count_from_creation": True,
            }
        goal = {**goal, "status": status, "updated_at": nanoseconds(now, ids.number(1000))}
        if target is not None:
            goal["target_value"] = target
        if current is not None:
            goal["current_value"] = current
        if what == "achieved":
            goal["achieved_at"] = goal["updated_at"]
        self.current_goal = None if what == "canceled" else goal
        self.publish(event, goal, self._channel)
        return goal

    @property
    def _channel(self) -> str:
        return f"channel_{self.channel_id}"

    @property
    def _chatroom(self) -> str:
        return f"chatroom_{self.chatroom_id}"

    def _receivers(self, ids: list[int], username: str) -> tuple[str, Payload, str]:
        payload = {"user_ids": ids, "username": username, "channel_id": self.channel_id}
        return ("App\\Events\\ChannelSubscriptionEvent", payload, self._channel)

    def _gift_leaderboard(self, gifter: str, count: int) -> Payload:
        people = self._world.people_ids
        board = support.ranking(self.gift_totals, people)
        return {
            "leaderboard": board,
            "weekly_leaderboard": board,
            "monthly_leaderboard": board,
            "gifter_id": self._world.person(gifter).id,
            "gifter_username": gifter,
            "gifted_quantity": count,
        }

    def _shuffled(self, frames: list[tuple[str, Any, str]]) -> None:
        self._world.random.shuffle(frames)
        for event, payload, topic in frames:
            self.publish(event, payload, topic)
