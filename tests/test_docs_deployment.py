"""The page on deployment: systemd takes the unit, and what units and containers run does its work.

Directories of the system are replaced by one of the test's; all else is run as it is written.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kick_live import ChatMessage
from kick_live.recording import Replay
from kick_live.testing import KickSimulator, run_demo

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the page is about Linux")

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "how-to" / "deployment.md").read_text(encoding="utf-8")
UNIT = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)[0]
RECORDER, BOT = re.findall(r"```dockerfile\n(.*?)```", PAGE, re.DOTALL)
PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PATIENCE = 30.0


def setting(name: str, text: str = UNIT) -> str:
    """What a line of the unit says."""
    found = re.search(rf"^{name}=(.+)$", text, re.MULTILINE)
    assert found, name
    return found[1]


def words(name: str, text: str) -> list[str]:
    """The list of an instruction of a Dockerfile."""
    found = re.search(rf"^\s*(?:HEALTHCHECK .*)?{name} (\[.+\])$", text, re.MULTILINE)
    assert found, name
    listed: list[str] = json.loads(found[1])
    return listed


@pytest.fixture
def kick() -> Iterator[KickSimulator]:
    """A simulator on which people chat all the time."""
    stop = threading.Event()
    with KickSimulator() as simulator:
        channel = simulator.add_channel("amber-quokka", live=True)
        thread = threading.Thread(
            target=run_demo, args=(channel,), kwargs={"rate": 30.0, "stop": stop}
        )
        thread.start()
        try:
            yield simulator
        finally:
            stop.set()
            thread.join()


def serve(command: list[str], folder: Path, until: Callable[[], bool], **variables: str) -> int:
    """Run a service until something is true, then stop it as the system does; gives its code."""
    environment = {**os.environ, "KICK_LIVE_CACHE_DIR": "", **variables}
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not until():
                assert process.poll() is None, f"{command} ended with {process.returncode}"
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            return process.wait(PATIENCE)
        finally:
            process.kill()


def messages(recording: Path) -> int:
    """How many messages a recording has."""
    with Replay(recording, speed=None) as replay:
        return sum(isinstance(event, ChatMessage) for event in replay)


def grown(recording: Path, size: int) -> Callable[[], bool]:
    """Whether a file has more bytes than that."""
    return lambda: recording.exists() and recording.stat().st_size > size


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Every setting is one that systemd knows, in its section, with a value that makes sense."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed (on Debian: apt install systemd)")
    unit = tmp_path / "kick-recorder.service"
    unit.write_text(UNIT.replace("/opt/kick/bin", str(Path(sys.executable).parent)), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    about = [line for line in done.stderr.splitlines() if "kick-recorder" in line]
    assert (done.returncode, about) == (0, [])


def test_the_unit_records(kick: KickSimulator, tmp_path: Path) -> None:
    """ExecStart records, ends well on SIGTERM, and continues the file when it is started again."""
    program, *rest = shlex.split(setting("ExecStart").replace("/var/lib/kick", str(tmp_path)))
    command = [str(Path(sys.executable).parent / Path(program).name), *rest]
    name, _, place = setting("Environment").partition("=")
    variables = {name: place.replace("/var/cache/kick", str(tmp_path / "cache"))}
    variables["KICK_LIVE_ENDPOINTS"] = kick.url
    recording = Path(command[command.index("-o") + 1])
    counts = []
    for _ in range(2):
        before = recording.stat().st_size if recording.exists() else 0
        assert serve(command, tmp_path, grown(recording, before + 2_000), **variables) == 0
        counts.append(messages(recording))
    assert 0 < counts[0] < counts[1]


def test_the_unit_does_not_retry_a_wrong_name(kick: KickSimulator, tmp_path: Path) -> None:
    """The codes after which systemd does not start it again are those of a wrong name or option."""
    program = str(Path(sys.executable).parent / "kick-live")
    environment = {**os.environ, "KICK_LIVE_CACHE_DIR": "", "KICK_LIVE_ENDPOINTS": kick.url}
    codes = {
        subprocess.run(
            [program, "record", *arguments, "-o", str(tmp_path / "chat.jsonl")],
            env=environment,
            capture_output=True,
            timeout=60,
        ).returncode
        for arguments in (["nobody-has-this-name"], ["amber-quokka", "--no-such-option"])
    }
    assert codes == set(map(int, setting("RestartPreventExitStatus").split()))


def test_the_container_records(kick: KickSimulator, tmp_path: Path) -> None:
    """What the image runs records, and ends well on the signal with which containers are stopped."""
    assert re.search(r"^STOPSIGNAL SIGTERM$", RECORDER, re.MULTILINE)
    line = [*words("ENTRYPOINT", RECORDER), *words("CMD", RECORDER)]
    program, *rest = [word.replace("/data", str(tmp_path)) for word in line]
    command = [str(Path(sys.executable).parent / program), *rest]
    recording = Path(command[command.index("-o") + 1])
    code = serve(command, tmp_path, grown(recording, 2_000), KICK_LIVE_ENDPOINTS=kick.url)
    assert code == 0
    assert messages(recording) > 0


def test_the_program_is_healthy_in_its_container(kick: KickSimulator, tmp_path: Path) -> None:
    """bot.py serves until SIGTERM, and check.py tells that it is well; once it is old, it is not."""
    here = 'endpoints=Endpoints.at(os.environ["KICK"])'
    bot = PROGRAM[0].replace('KickClient("amber-quokka")', f'KickClient("amber-quokka", {here})')
    start = "\nimport os\nfrom kick_live import Endpoints\n"
    (tmp_path / "bot.py").write_text(f"{start}{bot}\nserve(client, pause=0.2)\n", "utf-8")
    check = "".join(block for block in PROGRAM if "is_well" in block)
    (tmp_path / "check.py").write_text(check, "utf-8")
    probe = [sys.executable, *words("CMD", BOT.split("\nCMD ")[0])[1:]]

    def well() -> bool:
        done = subprocess.run(probe, cwd=tmp_path, capture_output=True, timeout=60)
        return done.returncode == 0

    assert not well()
    command = [sys.executable, *words("CMD", "CMD " + BOT.split("\nCMD ")[1])[1:]]
    assert serve(command, tmp_path, well, KICK=kick.url) == 0
    figures = json.loads((tmp_path / "health.json").read_text())
    (tmp_path / "health.json").write_text(json.dumps({**figures, "at": figures["at"] - 3600}))
    assert not well()
