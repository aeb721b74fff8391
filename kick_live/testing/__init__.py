"""An offline Kick for tests and demonstrations, and made-up events.

::

    from kick_live.testing import KickSimulator, make

The simulator needs the extra ``testing``; ``make`` needs none.

The names are imported on first use, so that the pytest plugin in this package costs nothing in
test suites that do not use it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from kick_live.errors import MissingExtra
from kick_live.words import how_to_install

if TYPE_CHECKING:
    from kick_live.testing.channel import SimulatedChannel
    from kick_live.testing.factories import make
    from kick_live.testing.hub import ConnectionInfo
    from kick_live.testing.scenario import run_demo
    from kick_live.testing.scripted import Scenario, Step
    from kick_live.testing.server import RecordedRequest
    from kick_live.testing.settings import Settings
    from kick_live.testing.simulator import KickSimulator

__all__ = [
    "ConnectionInfo",
    "KickSimulator",
    "RecordedRequest",
    "Scenario",
    "Settings",
    "SimulatedChannel",
    "Step",
    "make",
    "run_demo",
]

_HOMES: Final = {
    "ConnectionInfo": "hub",
    "KickSimulator": "simulator",
    "RecordedRequest": "server",
    "Scenario": "scripted",
    "Settings": "settings",
    "SimulatedChannel": "channel",
    "Step": "scripted",
    "make": "factories",
    "run_demo": "scenario",
}
_EXTRA: Final = ("werkzeug", "wsproto")


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{home}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise MissingExtra(
            f"kick_live.testing needs {error.name}, which is not installed: "
            f"run {how_to_install('testing')}",
            extra="testing",
        ) from error
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
