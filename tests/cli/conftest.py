"""A simulator with two channels, and commands that ask it."""

from __future__ import annotations

import contextlib
import logging

import pytest
from click.testing import CliRunner
from command_process import Command

from kick_live.cli.app import app
from kick_live.testing import KickSimulator


@pytest.fixture
def simulator():
    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        simulator.add_channel("tidal-tom", live=True)
        yield simulator


@pytest.fixture
def channel(simulator):
    return simulator.channel("amber-quokka")


@pytest.fixture
def start(simulator):
    """Start a command that asks the simulator; it is stopped after the test."""
    with contextlib.ExitStack() as stack:

        def start(*args, **env):
            command = Command(*args, **{"KICK_LIVE_ENDPOINTS": simulator.url, **env})
            stack.callback(command.stop)
            return command

        yield start


@pytest.fixture
def run(simulator):
    """Run a command in this process."""
    # The command sets logging up as the owner of its process; a test has to put it back.
    logger = logging.getLogger("kick_live")
    before = (logger.handlers[:], logger.level, logger.propagate)

    def run(*args, **env):
        return CliRunner().invoke(app, args, env={"KICK_LIVE_ENDPOINTS": simulator.url, **env})

    yield run
    logger.handlers[:], logger.level, logger.propagate = before
