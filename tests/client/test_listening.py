"""on, once, off and the order and isolation of listeners."""

import functools

import pytest
from servers.process import wait_until

from kick_live import (
    ChatMessage,
    Connected,
    Disconnected,
    Event,
    GoalEvent,
    GoalProgress,
    LifecycleEvent,
    PollUpdate,
    UnknownEventName,
    UserBanned,
)


@pytest.fixture
def chat(client, channel):
    """Connects, and gives a function that sends texts and fires their listeners."""
    client.connect()

    def chat(*texts):
        for text in texts:
            channel.chat(text)
        client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == texts[-1])

    return chat


def test_listeners_get_typed_events(client, chat):
    """A listener gets the event object, with its channel and topic."""
    seen = []
    client.on(ChatMessage, seen.append)
    chat("hello")
    assert [(m.content, m.channel.slug, m.historical) for m in seen] == [
        ("hello", "amber-quokka", False)
    ]
    assert seen[0].topic == f"chatrooms.{seen[0].channel.chatroom_id}.v2"
    assert '"hello"' in seen[0].raw


def test_on_as_decorator_returns_the_function(client, chat):
    """The decorated function stays what it was."""
    seen = []

    @client.on(ChatMessage)
    def listener(message):
        seen.append(message.content)

    chat("a")
    listener(ChatMessage(id="1", sender={"username": "x"}, content="called"))
    assert seen == ["a", "called"]


@pytest.mark.parametrize(
    "name",
    ["chat_message", "chatMessage", "ChatMessage", "chat-message", "ChatMessageEvent",
     "App\\Events\\ChatMessageEvent"],
)  # fmt: skip
def test_names_match_loosely(client, chat, name):
    """Names work in every style, Kick's own included."""
    seen = []
    client.on(name, seen.append)
    chat("x")
    assert len(seen) == 1


def test_original_names_are_known(client):
    """Every event name of kick-live-connector is accepted."""
    for name in [
        "connected",
        "disconnected",
        "error",
        "chatMessage",
        "messageDeleted",
        "pinnedMessageCreated",
        "pinnedMessageDeleted",
        "pollUpdate",
        "pollDelete",
        "userBanned",
        "userUnBanned",
        "subscription",
        "giftedSubscriptions",
        "luckyUsersWhoGotGiftSubscriptions",
        "giftsLeaderboardUpdated",
        "streamEnd",
        "streamerIsLive",
        "streamHost",
        "chatMoveToSupportedChannel",
        "viewerCount",
        "chatroomClear",
    ]:
        client.on(name, print)
        client.off(name, print)


@pytest.mark.parametrize("call", ["on", "once", "off", "wait_for"])
def test_unknown_names_raise_at_once(client, call):
    """A wrong name raises, with the nearest name."""
    with pytest.raises(UnknownEventName, match="chat_message") as caught:
        getattr(client, call)("chatMesage")
    assert caught.value.suggestion == "chat_message"


def test_base_classes_get_subclasses(client, chat, channel):
    """on(Event) gets everything; on(GoalEvent) all kinds of goals."""
    everything, goals = [], []
    client.on(Event, everything.append)
    client.on(GoalEvent, goals.append)
    channel.goal("progress", current=3, target=10)
    chat("x")
    assert [type(event) for event in goals] == [GoalProgress]
    assert {Connected, GoalProgress, ChatMessage} <= {type(event) for event in everything}


def test_once_runs_once(client, chat):
    """A once listener gets one event."""
    seen = []
    client.once(ChatMessage, seen.append)
    chat("a", "b")
    assert [m.content for m in seen] == ["a"]


def test_off_removes_a_listener(client, chat):
    """After off() a listener is not called; removing it again is harmless."""
    seen = []
    client.on(ChatMessage, seen.append)
    chat("a")
    client.off(ChatMessage, seen.append)
    client.off(ChatMessage, seen.append)
    chat("b")
    assert [m.content for m in seen] == ["a"]


def test_off_without_a_listener_removes_all(client, chat):
    """off(kind) removes every listener of the kind."""
    seen = []
    client.on(ChatMessage, seen.append)
    client.on("chat_message", lambda m: seen.append(m))
    client.off("chatMessage")
    chat("a")
    assert seen == []


def test_a_listener_may_remove_itself(client, chat):
    """Changing listeners from a listener works."""
    seen = []

    def listener(message):
        seen.append(message.content)
        client.off(ChatMessage, listener)

    client.on(ChatMessage, listener)
    chat("a", "b")
    assert seen == ["a"]


def test_order_is_kept(client, chat):
    """Messages reach listeners in the order in which they were sent."""
    seen = []
    client.on(ChatMessage, lambda m: seen.append(m.content))
    texts = [str(n) for n in range(300)]
    chat(*texts)
    assert seen == texts


def test_a_raising_listener_starves_nobody(client, chat, channel):
    """The other listeners, and the later events, are served; the error comes out of poll()."""
    seen = []

    def bad(message):
        raise LookupError(message.content)

    client.on(ChatMessage, bad)
    client.on(ChatMessage, lambda m: seen.append(m.content))
    client.on(Event, lambda e: seen.append(type(e).__name__) if isinstance(e, ChatMessage) else 0)
    channel.chat("a")
    channel.chat("b")
    errors = []
    while len(seen) < 4:
        try:
            client.poll(timeout=5)
        except LookupError as error:
            errors.append(str(error))
    assert seen == ["a", "ChatMessage", "b", "ChatMessage"]
    assert "'a'" in repr(errors[0]) or errors[0] == "'a'" or errors[0] == "a"
    channel.chat("c")
    with pytest.raises(LookupError):
        client.run(timeout=5)


def _raise(message):
    raise LookupError(message.content)


def test_no_error_is_lost_in_poll(client, channel, caplog):
    """The first one is raised; those of later events, which ran as well, are logged."""
    client.connect()
    client.on(ChatMessage, _raise)
    for text in "abc":
        channel.chat(text)
    wait_until(lambda: client.stats.queued == 3, 5, "three messages")
    with pytest.raises(LookupError, match="a"):
        client.poll()
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["b", "c"]


def test_wait_for_raises_what_a_listener_raised_for_its_own_event(client, channel):
    """It is no less lost than another one."""
    client.connect()
    client.on(ChatMessage, _raise)
    channel.chat("mine")
    with pytest.raises(LookupError, match="mine"):
        client.wait_for(ChatMessage, timeout=5)


def test_an_iteration_that_is_broken_off_logs_what_a_listener_raised(client, channel, caplog):
    """The event came out, so nothing can be raised any more; without a break it is raised after it."""
    client.connect()
    client.on(ChatMessage, _raise)
    channel.chat("broken off")
    channel.chat("gone on")
    for event in client.events(timeout=5):
        if isinstance(event, ChatMessage):
            break
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        "broken off"
    ]
    with pytest.raises(LookupError, match="gone on"):
        list(client.events(timeout=5))


def test_errors_go_to_the_handler(make, transport, channel):
    """on_listener_error gets each error instead, with the event if it takes two arguments."""
    one, two = [], []
    for handler in (one.append, lambda error, event: two.append((error, event))):
        client = make(transport=transport, on_listener_error=handler)
        client.connect()
        client.on(ChatMessage, lambda m: 1 / 0)
        channel.chat("x")
        client.wait_for(ChatMessage, timeout=5)
    assert [type(e) for e in one] == [ZeroDivisionError]
    assert [(type(e), type(event)) for e, event in two] == [(ZeroDivisionError, ChatMessage)]


def test_ordinary_functions_take_errors(make, transport, channel):
    """A parameter that is optional is not meant for events, unless it is called "event"."""
    heard = []
    handlers = (
        lambda error, limit=None: heard.append((error, limit)),
        lambda *errors: heard.append((*errors, None)),
        lambda error, *, event=None: heard.append((error, event)),
        lambda error, event=None: heard.append((error, event and event.content)),
    )
    for handler in handlers:
        client = make(transport=transport, on_listener_error=handler)
        client.connect()
        client.on(ChatMessage, lambda m: 1 / 0)
        channel.chat("x")
        client.wait_for(ChatMessage, timeout=5)
    assert [given for _, given in heard] == [None, None, None, "x"]


def test_an_error_event_needs_no_listener(client, sim, chat, channel):
    """An ErrorOccurred event without a listener raises nothing."""
    sim.publish_frame("garbage")
    chat("x")


def test_lifecycle_events_reach_listeners(client):
    """Connected comes first; Disconnected comes at close()."""
    seen = []
    client.on(LifecycleEvent, seen.append)
    client.once(Connected, lambda event: client.close())
    client.run()
    assert [type(event) for event in seen] == [Connected, Disconnected]
    assert not seen[1].will_reconnect


def test_two_clients_share_nothing(make, transport, channel):
    """Listeners of one client do not hear another's events."""
    first, second = make(transport=transport), make(transport=transport)
    first.connect()
    second.connect()
    seen = []
    first.on(ChatMessage, seen.append)
    channel.chat("x")
    second.wait_for(ChatMessage, timeout=5)
    assert seen == []


def test_listeners_must_be_callable(client):
    """on() with something that cannot be called raises at once."""
    with pytest.raises(TypeError, match="callable"):
        client.on(UserBanned, "print")


@pytest.mark.parametrize("add", ["on", "once"])
def test_the_result_of_a_call_is_no_listener(client, add):
    """None is refused, which show() instead of show would pass; it is not the decorator's form."""
    with pytest.raises(TypeError, match=r"print, not print\(\)"):
        getattr(client, add)(UserBanned, None)


async def _coroutine(event):
    """Never awaited."""


async def _stream(event):
    yield event


def _generator(event):
    yield event


class _Callable:
    async def __call__(self, event):
        """Never awaited."""


@pytest.mark.parametrize("add", ["on", "once"])
@pytest.mark.parametrize(
    ("listener", "words"),
    [
        (_coroutine, "_coroutine is an async function"),
        (functools.partial(_coroutine), "async function"),
        (_Callable(), "_Callable is an async function"),
        (_Callable().__call__, "async function"),
        (_stream, "async function"),
        (_generator, "_generator contains yield"),
    ],
)
def test_listeners_that_would_never_run(client, add, listener, words):
    """What calling only prepares is refused at once, plainly and as a decorator."""
    with pytest.raises(TypeError, match=words):
        getattr(client, add)(UserBanned, listener)
    with pytest.raises(TypeError, match=words):
        getattr(client, add)(UserBanned)(listener)


def test_many_kinds_at_once(client, channel):
    """A listener a kind: each gets its own and nothing else."""
    client.connect()
    seen = {UserBanned: [], PollUpdate: [], ChatMessage: []}
    for kind, events in seen.items():
        client.on(kind, events.append)
    channel.ban("loud_talker", minutes=5)
    channel.poll("Which map?", ["Desert", "Forest"])
    channel.chat("done")
    client.wait_for(ChatMessage, timeout=5)
    assert {kind: len(events) for kind, events in seen.items()} == dict.fromkeys(seen, 1)
    assert seen[UserBanned][0].duration.total_seconds() == 300
