"""For every key of a golden line: how to read the fact off what came out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from golden import (
    ROOM,
    TOPICS,
    Fact,
    Outcome,
    classify,
    dead_at,
    prepared,
    run,
    token_wanted_at,
    whole_seconds,
)

import kick_live as k
from kick_live.protocols.base import (
    Action,
    Failed,
    Publication,
    State,
    Subscribed,
    TopicLost,
)

#: These say something about the line itself.
NOT_FACTS = ("note", "evidence")


def _kind(o: Outcome) -> Any:
    """The expected label, if what was seen from outside fits it, else what was seen."""
    expected, seen = o.expect["kind"], classify(o)
    fits: dict[str, tuple[str, ...]] = {
        "pong": ("nothing",),
        "error": ("error", "subscribed", "nothing"),
        "error_reply": ("error", "subscription_error", "subscribe_reply"),
        "unsubscribe_reply": ("nothing",),
        "refresh_reply": ("nothing",),
        "push_join": ("nothing",),
        "push_leave": ("nothing",),
        "push_refresh": ("nothing",),
        "push_unsubscribe": ("nothing",),
        "push_disconnect": ("error",),
        "batch": (seen,),
    }
    if o.expect.get("action") == "ignore":
        return expected if seen == "nothing" else seen
    return expected if seen in fits.get(expected, (expected,)) else seen


def _topic(o: Outcome) -> Any:
    if o.events:
        return o.event.topic
    for cls in (Subscribed, TopicLost):
        if o.all(cls):
            return o.all(cls)[0].topic
    return json.loads(o.sent[0])["subscribe"]["channel"]


def _id(o: Outcome) -> Any:
    number = o.expect["id"]
    assert (number in o.asked) is (o.expect.get("action") != "ignore")
    if o.expect["kind"] == "subscribe_reply" and number in o.asked:
        assert o.happened == [Subscribed(TOPICS[number - 2])]
    if o.all(TopicLost):
        assert o.all(TopicLost)[0].topic == TOPICS[number - 2]
    return number


def _code(o: Outcome) -> Any:
    told = [*o.all(Failed), *o.all(TopicLost)]
    if told:
        return told[0].code
    # Nothing is lost by it, so the code shows in the action alone.
    document = json.loads(o.line["frame"])
    for part in (document, document.get("push", {})):
        for name in ("error", "unsubscribe", "data"):
            if name in part:
                return part[name]["code"]
    raise AssertionError("no code")


def _action(o: Outcome) -> Any:
    failures = {
        Action.RENEGOTIATE: "do_not_retry_same_url",
        Action.RECONNECT: "reconnect_now",
        Action.NEW_TOKEN: "new_token_then_reconnect",
        Action.TERMINAL: "terminal",
        Action.BACK_OFF: "reconnect_after_backoff",
    }
    if o.all(Failed):
        assert o.protocol.state is State.ENDED
        return failures[o.all(Failed)[0].action]
    assert o.protocol.state is State.READY
    if o.line.get("malformed"):
        return "count_and_drop" if _is_accounted_for(o) else "lost without account"
    if o.all(TopicLost):
        full = o.all(TopicLost)[0].full
        return "move_channel_to_another_connection" if full else "give_up_this_channel"
    if o.all(Subscribed):
        return "log_only" if o.protocol.provider == "pusher" else "treat_as_subscribed"
    if o.sent:
        return "resubscribe"
    return "ignore" if not o.happened else "something happened"


#: Lines called malformed of which the event survives, and what must be left of it.
SURVIVORS: dict[str, Any] = {
    "malformed-message-wrong-types": lambda e: (
        (e.chatroom_id, e.sender.id, e.content) == (7712045, 41190272, "wrong types")
        and e.created_at is None
        and e.sender.color is None
        and e.sender.badges == ()
        and e.metadata.message_ref == "1791223282532"
    ),
    "malformed-gifted-names-null": lambda e: (e.count, e.gifted_usernames) == (0, ()),
    "malformed-topic-unparsable": lambda e: (e.chatroom_id, e.content) == (7712045, "odd topic"),
}


def _is_accounted_for(o: Outcome) -> bool:
    if o.line["name"] in SURVIVORS:
        return SURVIVORS[o.line["name"]](o.event) and o.protocol.undecodable == 0
    if o.events:
        return isinstance(o.event, k.UndecodableEvent) and o.decoder.undecodable == 1
    return o.protocol.undecodable == 1


def _connection(o: Outcome) -> Any:
    assert not o.all(Failed)
    o.feed(
        '{"event":"A","data":"{}"}'
        if o.protocol.provider == "pusher"
        else '{"push":{"channel":"c","pub":{"data":{"event":"A","data":"{}"}}}}'
    )
    return "stays_open" if o.all(Publication)[-1].name == "A" else "dead"


def _channel_number(o: Outcome) -> Any:
    assert o.event.topic == ROOM
    line = {**o.line, "expect": {}}
    unknown = prepared(line).feed(line["frame"])
    assert not unknown.events
    assert unknown.protocol.undecodable == 1
    return o.expect["channel_number"]


def _pieces(o: Outcome) -> list[Outcome]:
    """Each document of a batch by itself, on one connection."""
    one_by_one = prepared(o.line)
    pieces = []
    for text in o.line["frame"].split("\n"):
        if text.strip():
            piece = Outcome(o.line, one_by_one.protocol).feed(text)
            pieces.append(piece)
    assert [item for piece in pieces for item in piece.happened] == o.happened
    assert [text for piece in pieces for text in piece.sent] == o.sent
    return pieces


def _must_answer(o: Outcome) -> Any:
    (answer,) = o.sent
    return json.loads(answer)


def _pong(o: Outcome) -> bool:
    o.sent.clear()
    return bool(o.feed("{}").sent)


def _timeout(o: Outcome) -> Any:
    return o.protocol.activity_timeout  # type: ignore[attr-defined]


def _ttl(o: Outcome) -> Any:
    ttl = o.expect["ttl"]
    return ttl if token_wanted_at(o, 10.0 + ttl - 15) else "another"


def _ping(o: Outcome) -> Any:
    ping = o.expect["ping"]
    return ping if dead_at(o, 10.0 + ping + 10) else "another"


def _username(o: Outcome) -> Any:
    event = o.event
    for owner in ("sender", "user"):
        if not isinstance(event, k.KicksGifted) and hasattr(event, owner):
            return getattr(event, owner).username
    return event.username


def _type(o: Outcome) -> Any:
    return o.event.gift.type if isinstance(o.event, k.KicksGifted) else o.event.type


def _message(o: Outcome) -> Any:
    event = o.event
    return event.optional_message if isinstance(event, k.StreamHost) else event.message


def _months(o: Outcome) -> Any:
    event = o.event
    return event.celebration.total_months if isinstance(event, k.ChatMessage) else event.months


def _metadata(o: Outcome) -> Any:
    return o.event.metadata


def _message_id(o: Outcome) -> Any:
    event = o.event
    return event.message_id if isinstance(event, k.MessageDeleted) else event.id


def _slow(o: Outcome) -> Any:
    event = o.event
    if isinstance(event, k.ChatroomUpdated):
        return whole_seconds(event.slow_interval)
    mode = event.settings.slow_mode
    return whole_seconds(mode.duration) if mode.enabled else None


def _emotes_only(o: Outcome) -> Any:
    event = o.event
    if isinstance(event, k.ChatroomUpdated):
        return event.emotes_mode is not None and event.emotes_mode.enabled
    return event.settings.emotes_only_mode.enabled


def _followers_seconds(o: Outcome) -> Any:
    mode = o.event.settings.followers_only_mode
    return whole_seconds(mode.duration) if mode.enabled else None


def _followers_minutes(o: Outcome) -> Any:
    mode = o.event.followers_mode
    return int(mode.min_duration / timedelta(minutes=1)) if mode.enabled else None


def _winner(o: Outcome) -> Any:
    return o.event.prediction.winner.title


def _reply_part(name: str) -> Fact:
    def read(o: Outcome) -> Any:
        reply = o.event.reply_to
        return None if reply is None else getattr(reply, name)

    return read


def _parent_user(o: Outcome) -> Any:
    return o.event.reply_to.sender.id


def _gifter(o: Outcome) -> Any:
    return o.event.gifter_username


def _chunk(o: Outcome) -> Any:
    return [o.event.chunk.chunk_index, o.event.chunk.total_chunks]


def _giftees(o: Outcome) -> Any:
    event = o.event
    if isinstance(event, k.SubscriptionAnnouncement):
        return list(event.giftees)
    return list(event.gifted_usernames)


def _channel_id(o: Outcome) -> Any:
    return o.event.channel_id


def _count(o: Outcome) -> Any:
    return len(_pieces(o)) if o.line.get("batch") else o.event.count


def _step(o: Outcome) -> Any:
    steps = {
        k.GoalCreated: "created",
        k.GoalUpdated: "updated",
        k.GoalProgress: "progress",
        k.GoalAchieved: "achieved",
        k.GoalCanceled: "canceled",
    }
    return steps[type(o.event)]


def _has_all(o: Outcome) -> Any:
    text = o.expect["content_contains"]
    return text if text in o.event.content and text in o.event.plain_text else None


def _socket_id(o: Outcome) -> Any:
    # Needed for private topics only, which this library cannot join: it is not kept.
    return json.loads(json.loads(o.line["frame"])["data"])["socket_id"]


FACTS: dict[str, Fact] = {
    "account_age_seconds": lambda o: whole_seconds(o.event.settings.minimum_account_age.duration),
    "action": _action,
    "activity_timeout": _timeout,
    "ai": lambda o: o.event.ai_moderated,
    "allow_links": lambda o: o.event.settings.allow_links.enabled,
    "amount": lambda o: o.event.amount,
    "amounts": lambda o: [x.total_vote_amount for x in o.event.prediction.outcomes],
    "anonymous": lambda o: o.event.is_anonymous,
    "bad_lines": lambda o: o.protocol.undecodable,
    "badge_types": lambda o: [badge.type for badge in o.event.sender.badges],
    "balance": lambda o: o.event.balance,
    "by": lambda o: o.event.banned_by.username,
    "celebration_type": lambda o: o.event.celebration.type,
    "channel_id": _channel_id,
    "channel_number": _channel_number,
    "chatroom_id": lambda o: o.event.chatroom_id,
    "chunk": _chunk,
    "clip_title": lambda o: o.event.clip.title,
    "code": _code,
    "connection": _connection,
    "content": lambda o: o.event.content,
    "content_contains": _has_all,
    "content_length": lambda o: len(o.event.content),
    "correlation_id": lambda o: o.event.correlation_id,
    "count": _count,
    "current": lambda o: o.event.current_value,
    "duration": lambda o: whole_seconds(o.event.prediction.duration),
    "duration_minutes": lambda o: o.event.duration / timedelta(minutes=1),
    "duration_seconds": lambda o: whole_seconds(o.event.duration),
    "emotes": lambda o: [[emote.id, emote.name] for emote in o.event.emotes],
    "emotes_only": _emotes_only,
    "event": lambda o: o.all(Publication)[0].name,
    "expires_at": lambda o: o.event.expires_at,
    "finished": lambda o: o.event.is_finished,
    "followed": lambda o: o.event.followed,
    "followers_only_minutes": _followers_minutes,
    "followers_only_seconds": _followers_seconds,
    "gift_id": lambda o: o.event.gift.gift_id,
    "giftees": _giftees,
    "gifter": _gifter,
    "gifter_id": lambda o: o.event.gifter_id,
    "gifter_total": lambda o: o.event.gifter_lifetime_total,
    "has_expires_at": lambda o: o.event.expires_at is not None,
    "has_voted": lambda o: o.event.poll.has_voted,
    "id": _id,
    "input": lambda o: o.event.input,
    "is_banned": lambda o: o.event.is_banned,
    "is_moderator": lambda o: o.event.sender.is_moderator,
    "kind": _kind,
    "kinds": lambda o: [classify(piece) for piece in _pieces(o)],
    "level": lambda o: o.event.sender.level,
    "livestream_id": lambda o: o.event.livestream_id,
    "message": _message,
    "message_id": _message_id,
    "metadata": _metadata,
    "metadata_is_string": lambda o: o.event.metadata.message_ref is not None,
    "month_enabled": lambda o: o.event.gifts_month_enabled,
    "months": _months,
    "must_answer": _must_answer,
    "name": lambda o: o.event.name,
    "names_in_frame": lambda o: len(o.event.gifted_usernames),
    "outcomes": lambda o: [outcome.title for outcome in o.event.prediction.outcomes],
    "parent_id": _reply_part("id"),
    "parent_user_id": _parent_user,
    "permanent": lambda o: o.event.permanent,
    "ping": _ping,
    "pinned_by": lambda o: o.event.pinned_by,
    "pinned_seconds": lambda o: whole_seconds(o.event.gift.pinned_time),
    "plain_text": lambda o: o.event.plain_text,
    "pong": _pong,
    "quantity": lambda o: (
        o.event.quantity if isinstance(o.event, k.ActivityFeed) else o.event.gifted_quantity
    ),
    "remaining": lambda o: whole_seconds(o.event.remaining),
    "rules": lambda o: list(o.event.violated_rules),
    "sibling": lambda o: isinstance(o.event, k.StreamHosted),
    "slow": _slow,
    "slug": lambda o: o.event.sender.slug,
    "socket_id": _socket_id,
    "state": lambda o: o.event.prediction.state,
    "status": lambda o: o.all(TopicLost)[0].code if o.all(TopicLost) else o.event.status,
    "step": _step,
    "sub_months_badge": lambda o: o.event.sender.subscriber_months,
    "subscribers_only": lambda o: o.event.subscribers_mode.enabled,
    "target": lambda o: o.event.target_value,
    "target_slug": lambda o: o.event.slug,
    "target_viewers": lambda o: o.event.viewers,
    "text": lambda o: o.event.text,
    "thread_parent_id": lambda o: o.event.thread_parent_id,
    "tier": lambda o: o.event.gift.tier,
    "title": lambda o: o.event.title,
    "top_lifetime": lambda o: [
        o.event.gifts_lifetime[0].username,
        o.event.gifts_lifetime[0].quantity,
    ],
    "top_user": lambda o: o.event.leaderboard[0].username,
    "topic": _topic,
    "transaction_id": lambda o: o.event.gift_transaction_id,
    "ttl": _ttl,
    "type": _type,
    "user_ids": lambda o: list(o.event.user_ids),
    "username": _username,
    "verified": lambda o: o.event.user.verified,
    "viewers": lambda o: o.event.viewers,
    "votes": lambda o: (
        [option.votes for option in o.event.options]
        if isinstance(o.event, k.PollUpdate)
        else [outcome.vote_count for outcome in o.event.prediction.outcomes]
    ),
    "was_permanent": lambda o: o.event.permanent,
    "winner": _winner,
}

#: Where a key means something else for one kind.
FACTS_OF_KIND: dict[tuple[str, str], Fact] = {
    ("activity", "metadata"): lambda o: o.event.metadata,
    ("gift_sibling", "action"): lambda o: o.event.action,
    ("sub_sibling", "action"): lambda o: o.event.action,
    ("gift_leaderboard", "gifter"): lambda o: o.event.gifter_username,
}


def actual(line: dict[str, Any], key: str) -> Any:
    """The fact as it came out; raises KeyError for a key that nobody knows how to check."""
    kind = line["expect"].get("kind", "")
    fact = FACTS_OF_KIND.get((kind, key)) or FACTS[key]
    return fact(run(line))
