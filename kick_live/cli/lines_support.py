"""How subscriptions, gifts, rewards and goals read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from kick_live.cli.lines import Part, name, says
from kick_live.cli.lines_chat import content
from kick_live.cli.words import amount
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted, RewardRedeemed
from kick_live.events.goals import GoalAchieved, GoalCanceled, GoalCreated, GoalEvent
from kick_live.events.subscriptions import Subscription, SubscriptionAnnouncement
from kick_live.safe import neutralise

__all__: list[str] = []

_NAMES_SHOWN = 5


@says(Subscription, "⭐", "yellow")
def _subscription(event: Subscription) -> Iterator[Part]:
    yield name(event.username)
    yield " subscribed"
    if event.months is not None and event.months > 1:
        yield f" for {amount(event.months, 'month')}"


@says(SubscriptionAnnouncement, "💬", "yellow")
def _announcement(event: SubscriptionAnnouncement) -> Iterator[Part]:
    yield name(event.username)
    if event.action == "gift":
        yield " gave subscriptions"
    else:
        yield " says on subscribing"
    if event.text:
        yield Text(": ", "dim")
        yield content(event.text)


@says(GiftedSubscriptions, "🎁", "magenta")
def _gifted(event: GiftedSubscriptions) -> Iterator[Part]:
    yield name(event.gifter_username, "an anonymous viewer")
    yield f" gave {amount(event.count, 'subscription')}"
    names = event.gifted_usernames
    if names:
        more = len(names) - _NAMES_SHOWN
        yield Text(" to ", "dim")
        yield ", ".join(names[:_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
    if event.gifter_lifetime_total and event.gifter_lifetime_total > event.count:
        yield Text(f" ({event.gifter_lifetime_total:,} in all)", "dim")


@says(KicksGifted, "💚", "green")
def _kicks(event: KicksGifted) -> Iterator[Part]:
    yield name(event.sender)
    yield f" gave {amount(event.amount, 'Kick')}"
    if event.gift.name:
        yield Text(" as ", "dim")
        yield event.gift.name
    if event.message:
        yield Text(": ", "dim")
        yield content(event.message)


@says(RewardRedeemed, "✨", "blue")
def _reward(event: RewardRedeemed) -> Iterator[Part]:
    yield name(event.username)
    yield " redeemed "
    yield Text(neutralise(event.reward_title), "bold")
    if event.user_input:
        yield Text(": ", "dim")
        yield content(event.user_input)


@says(GoalEvent, "🎯", "cyan")
def _goal(event: GoalEvent) -> Iterator[Part]:
    what = {GoalAchieved: " reached", GoalCanceled: " given up", GoalCreated: " set"}
    yield f"goal of {event.type or 'something'}"
    yield what.get(type(event), "")
    if event.current_value is not None and event.target_value is not None:
        yield f": {event.current_value:,} of {event.target_value:,}"
    elif event.target_value is not None:
        yield f": {event.target_value:,}"
