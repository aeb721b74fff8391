"""The stream itself, predictions, and hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from kick_live.events import predictions, stream
from kick_live.testing.defaults.base import (
    IDS,
    LIVESTREAM,
    Defaults,
    Fields,
    Moment,
    invented_id,
)

__all__ = ["DEFAULTS"]


def _prediction(at: Moment) -> Fields:
    outcomes = tuple(
        predictions.Outcome(
            id=IDS.ulid("outcome_"),
            title=title,
            total_vote_amount=points,
            vote_count=bets,
            return_rate=rate,
        )
        for title, points, bets, rate in (("Yes", 900, 6, 1.5), ("No", 450, 3, 3.0))
    )
    return {
        "prediction": predictions.Prediction(
            id=IDS.ulid("prediction_"),
            title="Boss on the first try?",
            state="ACTIVE",
            outcomes=outcomes,
            duration=timedelta(minutes=5),
            channel_id=at.channel.channel_id,
            created_at=at.when,
            updated_at=at.when,
        )
    }


def _started(at: Moment) -> Fields:
    livestream = stream.StartedLivestream(
        id=LIVESTREAM,
        channel_id=at.channel.channel_id,
        session_title="late ride through the valley",
        created_at=at.when,
    )
    return {"livestream": livestream}


def _ended(at: Moment) -> Fields:
    owner = stream.EndedChannel(id=at.channel.channel_id, is_banned=False)
    return {"livestream": stream.EndedLivestream(id=LIVESTREAM, channel=owner)}


def _hosted(at: Moment) -> Fields:
    return {
        "user": stream.HostUser(id=invented_id("tidal_tom"), username="tidal_tom", verified=False),
        "message": stream.HostMessage(
            id=IDS.uuid(), number_of_viewers=88, optional_message="go say hi", created_at=at.when
        ),
    }


def _moved(at: Moment) -> Fields:
    hosted = stream.HostedChannel(
        id=7700412, username="lilac_otter", slug="lilac-otter", viewers_count=88, is_live=True
    )
    own = stream.OwnLivestream(
        id=LIVESTREAM, session_title="late ride through the valley", viewer_count=412
    )
    return {"slug": "lilac-otter", "hosted": hosted, "current_livestream": own}


def _livestream(at: Moment) -> Fields:
    return {
        "id": LIVESTREAM,
        "session_title": "late ride, now uphill",
        "viewers": 412,
        "category": stream.LiveCategory(id=15, name="Just Chatting", slug="just-chatting"),
        "slug": "late-ride-now-uphill",
        "language": "English",
        "is_mature": False,
        "created_at": at.when - timedelta(hours=2),
    }


def _followers(at: Moment) -> Fields:
    counts = {"followers_count": 18234, "followed": True, "username": "pebble"}
    return {**counts, "channel_id": at.channel.channel_id, "created_at": at.when}


DEFAULTS: Final[Defaults] = {
    predictions.PredictionEvent: _prediction,
    predictions.PredictionDeleted: _prediction,
    stream.StreamerIsLive: _started,
    stream.StreamEnd: _ended,
    stream.StreamHost: lambda at: {
        "host_username": "tidal_tom",
        "number_viewers": 88,
        "optional_message": "go say hi",
        "chatroom_id": at.channel.chatroom_id,
    },
    stream.StreamHosted: _hosted,
    stream.ChatMoveToSupportedChannel: _moved,
    stream.LivestreamUpdated: _livestream,
    stream.FollowersUpdated: _followers,
    stream.PointsUpdated: lambda at: {
        "reason": "watch",
        "points": 10,
        "balance": 1250,
        "user_id": invented_id("pebble"),
        "channel_id": at.channel.channel_id,
    },
    stream.VideoPrivated: lambda at: {"video_id": IDS.uuid()},
    stream.ViewerCount: lambda at: {"viewers": 412, "livestream_id": LIVESTREAM},
}
