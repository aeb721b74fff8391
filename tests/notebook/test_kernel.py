"""Clients in a real Jupyter kernel: output, the stop button, running cells again, between cells."""

from __future__ import annotations

import pytest
from kernel_process import Kernel

# jupyter_client closes some of its sockets by leaving them to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::RuntimeWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]

LISTEN = "client.on(ChatMessage, lambda message: print('heard', message.content))\n"
EMPTY = "while client.poll(): pass\n"
CONNECT = "client = make()\n" + LISTEN + "_ = client.connect()\n"


def test_output_appears_under_the_calling_cell(kernel: Kernel) -> None:
    """What run, poll and events print belongs to the cell that calls them, not to an earlier one."""
    connecting = kernel.start(CONNECT)
    kernel.finish(connecting)
    for call in ("client.run(timeout=1)", "client.poll(timeout=5)", "list(client.events(1))"):
        taken = kernel.cell(f"{EMPTY}later('one')\n_ = {call}")
        assert taken.count("heard one") == 1
    assert kernel.under(connecting) == ""


def test_the_stop_button_ends_run(kernel: Kernel) -> None:
    """Interrupting run ends the cell without an error, closes the client, and leaves no thread."""
    running = kernel.start("client = make()\nlater('one')\n" + LISTEN + "client.run()")
    kernel.until(lambda: "heard one" in kernel.under(running))
    kernel.interrupt()
    kernel.finish(running)
    assert "KeyboardInterrupt" not in kernel.under(running)
    assert kernel.cell("print(client.closed, threads())") == "True []\n"


def test_the_stop_button_ends_an_iteration(kernel: Kernel) -> None:
    """Interrupting a loop over events ends it; a with statement then leaves no thread."""
    loop = "with make() as client:\n    later('one')\n    for event in client:\n        print(event.kind)"
    running = kernel.start(loop)
    kernel.until(lambda: "chat_message" in kernel.under(running))
    kernel.interrupt()
    kernel.finish(running)
    assert kernel.cell("print(client.closed, threads())") == "True []\n"


def test_the_stop_button_leaves_a_polling_client_connected(kernel: Kernel) -> None:
    """Interrupting poll ends the cell; the client can be polled again."""
    kernel.cell(CONNECT + "_ = client.poll()")
    running = kernel.start("print('waiting', flush=True)\nclient.poll(timeout=60)")
    kernel.until(lambda: "waiting" in kernel.under(running))
    kernel.interrupt()
    kernel.finish(running)
    assert "KeyboardInterrupt" in kernel.under(running)
    assert "heard two" in kernel.cell("_ = channel.chat('two')\n_ = client.poll(timeout=5)")


def test_running_a_cell_again_leaves_one_connection(kernel: Kernel) -> None:
    """A new client of the same channel closes the former one, and a note says so."""
    assert kernel.cell(CONNECT) == ""
    assert "was closed; this one takes its place" in kernel.cell("former = client\n" + CONNECT)
    shown = kernel.cell("print(former.closed, client.closed, len(threads()))")
    assert shown == "True False 1\n"


def test_clients_of_one_cell_stand_side_by_side(kernel: Kernel) -> None:
    """Two clients made in one run of a cell both stay; so do clients of different channels."""
    kernel.cell("one, two = make(), make()")
    kernel.cell("three = make('copper-heron')")
    kernel.cell("four = make()")
    shown = kernel.cell("print(one.closed, two.closed, three.closed, four.closed)")
    assert shown == "True True False False\n"


def test_a_closed_client_is_replaced_silently(kernel: Kernel) -> None:
    """There is no note about a client that was closed already."""
    kernel.cell(CONNECT + "client.close()")
    assert kernel.cell(CONNECT) == ""


def test_listeners_fire_between_cells(kernel: Kernel) -> None:
    """With a pump, a listener fires on the main thread while no cell runs."""
    kernel.cell(CONNECT)
    pumping = kernel.start("from kick_live.notebook import pump\nrunning = pump(client)")
    kernel.finish(pumping)
    kernel.cell(
        "places = []\n"
        "client.on(ChatMessage, lambda message: places.append(threading.current_thread()))\n"
        "later('between')"
    )
    kernel.until(lambda: any("heard between" in output.text for output in kernel.outputs))
    assert kernel.cell("print(places == [threading.main_thread()])") == "True\n"


def test_nothing_fires_beside_a_running_cell(kernel: Kernel) -> None:
    """While a cell runs, the pump waits, so that listeners and cells never run at once."""
    kernel.cell(CONNECT + "from kick_live.notebook import pump\n_ = pump(client)")
    busy = kernel.start("channel.chat('now')\nthreading.Event().wait(1)\nprint('done', flush=True)")
    kernel.until(lambda: any("heard now" in output.text for output in kernel.outputs))
    texts = "".join(output.text for output in kernel.outputs)
    assert texts.index("done") < texts.index("heard now")
    kernel.finish(busy)


def test_a_pump_can_be_stopped(kernel: Kernel) -> None:
    """After stop nothing fires between cells, and the client is still connected."""
    kernel.cell(CONNECT + "from kick_live.notebook import pump\nrunning = pump(client)")
    kernel.cell("running.stop()\nchannel.chat('late')")
    kernel.cell("import asyncio\nawait asyncio.sleep(0.5)")
    assert not any("heard late" in output.text for output in kernel.outputs)
    assert "heard late" in kernel.cell("_ = client.poll(timeout=5)")


def test_a_second_pump_replaces_the_first(kernel: Kernel) -> None:
    """Running the cell again leaves one pump, and closing the client ends it."""
    kernel.cell(CONNECT + "from kick_live.notebook import pump\nfirst = pump(client)")
    kernel.cell("second = pump(client)")
    assert kernel.cell("print(first.running, second.running)") == "False True\n"
    assert kernel.cell("client.close()\nprint(second.running)") == "False\n"


def test_an_error_between_cells_is_shown(kernel: Kernel) -> None:
    """What a listener raises appears as a cell's error would, and ends the pump."""
    kernel.cell(CONNECT + "from kick_live.notebook import pump\nrunning = pump(client)")
    kernel.cell("client.on(ChatMessage, lambda message: 1 / 0)\nlater('boom')")
    kernel.until(lambda: any(output.kind == "error" for output in kernel.outputs))
    assert any(output.text == "ZeroDivisionError" for output in kernel.outputs)
    assert kernel.cell("print(running.running)") == "False\n"


def test_a_live_view_follows(kernel: Kernel) -> None:
    """The view shows what comes between cells, and what comes while a cell takes events."""
    assert "VBox" in kernel.cell("client = make()\nview = client.live_view(last=3)\nview")
    kernel.cell("for number in range(5): channel.chat(f'line {number}')")
    kernel.cell("import asyncio\nwhile 'line 4' not in view._chat.value: await asyncio.sleep(0.05)")
    shown = kernel.cell("print('line 1' in view._chat.value, 'line 2' in view._chat.value)")
    assert shown == "False True\n"
    kernel.cell("channel.chat('in a cell')\nchannel.host('tidal_tom', 30)\nclient.run(timeout=1)")
    assert kernel.cell("print('in a cell' in view._chat.value)") == "True\n"
    assert kernel.cell("print('stream host' in view._chart.value)") == "True\n"


def test_a_live_view_strikes_through_what_is_removed(kernel: Kernel) -> None:
    """A deleted message, those of a banned user, and all of a cleared chat; others stay."""
    kernel.cell("client = make()\nview = client.live_view()\nview")
    kernel.cell(
        "spam = channel.chat('free stuff', username='spamlink')\n"
        "channel.chat('what a bore', username='loud_talker')\n"
        "channel.chat('good evening', username='larkspur')\n"
        "channel.delete_message(spam)\nchannel.ban('loud_talker')\n"
        "client.wait_for('user_banned', timeout=20)\nclient.poll()"
    )
    counted = (
        "print([shown.removed for shown in view._shown], str(view._shown[0]).count('through'))"
    )
    assert kernel.cell(counted) == "[True, True, False] 1\n"
    kernel.cell(
        "import asyncio\nwhile view._chat.value.count('line-through') < 2: await asyncio.sleep(0.05)"
    )
    kernel.cell("channel.clear()\nclient.wait_for('chatroom_clear', timeout=20)")
    assert kernel.cell(counted) == "[True, True, True] 1\n"


def test_the_views_stop_button_closes_the_client(kernel: Kernel) -> None:
    """A click on Stop ends the client's threads, and the view says so."""
    kernel.cell("client = make()\nview = client.live_view()")
    kernel.press("view._stop")
    kernel.cell("import asyncio\nwhile not view._stop.disabled: await asyncio.sleep(0.05)")
    assert kernel.cell("print(client.closed, threads(), view.running)") == "True [] False\n"
    assert kernel.cell("print('closed' in view._state.value)") == "True\n"


def test_the_view_can_pause(kernel: Kernel) -> None:
    """While paused the picture stands still, the client goes on, and nothing is missed after."""
    kernel.cell("client = make()\nview = client.live_view()\nview._pause.value = True")
    kernel.cell("channel.chat('meanwhile')\nclient.run(timeout=0.5)")
    assert kernel.cell("print('meanwhile' in view._chat.value)") == "False\n"
    kernel.cell("view._pause.value = False")
    kernel.cell(
        "import asyncio\nwhile 'meanwhile' not in view._chat.value: await asyncio.sleep(0.05)"
    )
