"""The error tree."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import kick_live
from kick_live import errors

MAKE: dict[str, Any] = {
    "KickLiveError": lambda: errors.KickLiveError("words"),
    "ClientClosed": lambda: errors.ClientClosed("words"),
    "ConnectTimeout": lambda: errors.ConnectTimeout(
        "words", stage="open", timeout=3.0, last_error=ValueError("x")
    ),
    "WaitTimeout": lambda: errors.WaitTimeout("words", timeout=3.0),
    "InvalidChannel": lambda: errors.InvalidChannel("words", value="a b"),
    "UnknownEventName": lambda: errors.UnknownEventName("words", name="x", suggestion="y"),
    "MissingExtra": lambda: errors.MissingExtra("words", extra="cli"),
    "RecordingError": lambda: errors.RecordingError("words", path="p"),
    "APIError": lambda: errors.APIError("words", url="u", status=418),
    "NotFound": lambda: errors.NotFound("words", tried=["a", "b"], url="u", status=404),
    "Blocked": lambda: errors.Blocked("words", url="u", status=403),
    "RateLimited": lambda: errors.RateLimited("words", retry_after=5.0, url="u", status=429),
    "ServerError": lambda: errors.ServerError("words", url="u", status=503),
    "InvalidResponse": lambda: errors.InvalidResponse("words", url="u", status=200),
    "Unreachable": lambda: errors.Unreachable("words", url="u"),
    "RealtimeError": lambda: errors.RealtimeError("words"),
    "NegotiationFailed": lambda: errors.NegotiationFailed("words"),
    "ConnectionRejected": lambda: errors.ConnectionRejected(
        "words", provider="pusher", code=4001, reason="gone"
    ),
    "TransportError": lambda: errors.TransportError("words", code=1006, reason="gone"),
}
#: The classes between each error and KickLiveError, and the builtin that a caller may catch already.
TREE = {
    "KickLiveError": (None, Exception),
    "ClientClosed": ("KickLiveError", RuntimeError),
    "ConnectTimeout": ("KickLiveError", TimeoutError),
    "WaitTimeout": ("KickLiveError", TimeoutError),
    "InvalidChannel": ("KickLiveError", ValueError),
    "UnknownEventName": ("KickLiveError", ValueError),
    "MissingExtra": ("KickLiveError", ImportError),
    "RecordingError": ("KickLiveError", None),
    "APIError": ("KickLiveError", None),
    "NotFound": ("APIError", LookupError),
    "Blocked": ("APIError", None),
    "RateLimited": ("APIError", None),
    "ServerError": ("APIError", None),
    "InvalidResponse": ("APIError", None),
    "Unreachable": ("APIError", ConnectionError),
    "RealtimeError": ("KickLiveError", None),
    "NegotiationFailed": ("RealtimeError", None),
    "ConnectionRejected": ("RealtimeError", None),
    "TransportError": ("RealtimeError", ConnectionError),
}


def test_every_error_is_in_the_tree_and_public() -> None:
    """The module, the package and this test know the same errors."""
    assert set(errors.__all__) == set(TREE) == set(MAKE)
    assert all(getattr(kick_live, name) is getattr(errors, name) for name in errors.__all__)
    assert set(errors.__all__) <= set(kick_live.__all__)
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
    assert defined == set(errors.__all__)


@pytest.mark.parametrize("name", TREE)
def test_an_error_has_its_place(name: str) -> None:
    """The parent in the tree comes first, the builtin second."""
    parent, builtin = TREE[name]
    expected = tuple(
        base for base in (parent and getattr(errors, parent), builtin) if base is not None
    )
    assert getattr(errors, name).__bases__ == expected


@pytest.mark.parametrize("name", TREE)
def test_the_module_draws_the_tree_as_it_is(name: str) -> None:
    """The docstring names each error beside its builtin."""
    assert errors.__doc__ is not None
    (line,) = [
        line for line in errors.__doc__.splitlines() if line.strip("|`- ").split(" ")[0] == name
    ]
    builtin = TREE[name][1]
    if builtin is not None and builtin is not Exception:
        assert f"({builtin.__name__})" in line
    else:
        assert "(" not in line


@pytest.mark.parametrize("name", MAKE)
def test_the_words_are_the_message(name: str) -> None:
    """Nothing is added to, or taken from, what is said."""
    assert str(MAKE[name]()) == "words"


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("through", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_can_be_copied_and_pickled(name: str, through: Any) -> None:
    """With its words and all its attributes, so that it can cross to another process."""
    error = MAKE[name]()
    copied = through(error)
    assert type(copied) is type(error)
    assert str(copied) == "words"
    assert {k: str(v) for k, v in vars(copied).items()} == {
        k: str(v) for k, v in vars(error).items()
    }


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("ConnectTimeout", {"stage": "open", "timeout": 3.0}),
        ("WaitTimeout", {"timeout": 3.0}),
        ("InvalidChannel", {"value": "a b"}),
        ("UnknownEventName", {"name": "x", "suggestion": "y"}),
        ("MissingExtra", {"extra": "cli"}),
        ("APIError", {"url": "u", "status": 418}),
        ("NotFound", {"tried": ("a", "b"), "url": "u", "status": 404}),
        ("RateLimited", {"retry_after": 5.0, "url": "u", "status": 429}),
        ("Unreachable", {"url": "u", "status": None, "lasting": False}),
        ("ConnectionRejected", {"provider": "pusher", "code": 4001, "reason": "gone"}),
        ("TransportError", {"code": 1006, "reason": "gone", "lasting": False}),
    ],
)
def test_what_a_program_wants_to_know_is_an_attribute(
    name: str, attributes: dict[str, Any]
) -> None:
    """Nobody has to parse a message."""
    error = MAKE[name]()
    assert {key: getattr(error, key) for key in attributes} == attributes
