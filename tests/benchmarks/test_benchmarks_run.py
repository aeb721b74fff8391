"""The benchmarks still run; how fast is no matter of a test."""

from __future__ import annotations

import importlib.util
import sys

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("resource") is None, reason="the meter needs Unix"
)

from benchmarks import catalogue, figures  # noqa: E402
from benchmarks.drift import DRIFTS, measure_drifts  # noqa: E402
from benchmarks.endurance import measure_endurance  # noqa: E402
from benchmarks.garbage import CASES, measure_garbage  # noqa: E402
from benchmarks.kinds import MIXTURES, kinds, mixture  # noqa: E402
from benchmarks.latency import latency_table, measure_latency  # noqa: E402
from benchmarks.measure import Load, Subject, SubjectFailed, measure  # noqa: E402
from benchmarks.mixtures import measure_mixtures, mixtures_table  # noqa: E402
from benchmarks.run import benchmark  # noqa: E402
from benchmarks.scale import measure_scale, scale_table  # noqa: E402
from benchmarks.tls import measure_tls, tls_table  # noqa: E402
from kick_live.events.decoder import Decoder  # noqa: E402
from kick_live.session.duplicates import Duplicates  # noqa: E402


@pytest.mark.parametrize("subject", catalogue.OURS, ids=lambda subject: subject.protocol)
@pytest.mark.parametrize(
    "load", [Load(400), Load(400, mixture="usual", listen="any")], ids=["chat", "every kind"]
)
def test_every_event_is_counted(subject: Subject, load: Load) -> None:
    """All events of a load arrive, in both protocols, none dropped, none unknown."""
    result = measure(subject, load, timeout=30)
    assert result.facts["dropped"] == 0
    assert result.facts["odd"] == 0
    assert result.cpu > 0


def test_delays_are_measured_for_each_paced_event() -> None:
    """A paced load gives one delay an event, none of them negative."""
    result = measure(catalogue.OURS[0], Load(100, rate=2000.0), timeout=30)
    assert len(result.delays_ns) == 100
    assert min(result.delays_ns) > 0


def test_a_subject_that_reports_nothing_is_an_error() -> None:
    """A program that ends without its account raises, with what it said."""
    silent = Subject("silent", "pusher", (sys.executable, "-c", "print('no idea')"), "nothing")
    with pytest.raises(SubjectFailed, match="no idea"):
        measure(silent, Load(10), timeout=30)


def test_a_failing_subject_is_left_out_of_the_tables() -> None:
    """The others are measured all the same, and the tables name only them."""
    silent = Subject("silent", "pusher", (sys.executable, "-c", "pass"), "nothing")
    results = benchmark(
        [catalogue.OURS[0], silent], events=300, paced_events=50, rate=1000.0, repeats=1
    )
    assert list(results["failed"]) == ["silent"]
    tables = figures.markdown(results)
    assert "kick_live, Pusher" in tables
    assert "silent" not in tables


def test_percentiles_are_values_that_were_measured() -> None:
    """The median and the tail are taken from the sorted values."""
    assert figures.percentile(range(1000, 0, -1), 50) == 501
    assert figures.percentile(range(1000), 99.9) == 999
    assert figures.percentile([5.0], 99) == 5.0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("protocol", ["pusher", "centrifugo"])
def test_many_channels_are_measured(protocol: str) -> None:
    """Twenty channels take two sockets and lose nothing, and the table compares them with one."""
    runs = {
        count: [measure_scale(protocol, count, events=400, paced_events=100, rate=2000.0)]
        for count in (1, 20)
    }
    found = runs[20][0]
    assert (found["sockets"], found["topics"], found["asked"]) == (2, 120, 120)
    assert found["dropped"] == 0
    assert len(scale_table(runs).splitlines()) == 4


def test_drifting_payloads_are_measured() -> None:
    """Every kind of drift has its price."""
    found = measure_drifts(count=20, repeats=1)
    assert list(found) == list(DRIFTS)
    assert min(found.values()) > 0


def test_delays_are_told_where_the_samples_suffice() -> None:
    """Two hundred samples give a median and a p99, but no p99.9."""
    runs = measure_latency(catalogue.OURS[:1], rate=2000.0, seconds=0.1, repeats=1)
    cells = latency_table(runs).splitlines()[2].split(" | ")
    assert cells[0] == "| kick_live, Pusher"
    assert cells[3] == "-"
    assert "-" not in cells[1:3]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_long_load_loses_nothing(tls: bool) -> None:
    """All events pass the short queue, and memory is read twice."""
    found = measure_endurance(30_000, tls=tls)
    assert found["lost"] == 0
    assert found["early_kib"] > 0
    # Far more than a queue of 10,000 could hide, were the events kept.
    assert found["late_kib"] < found["early_kib"] + 40_000


@pytest.mark.parametrize("case", CASES)
def test_the_collectors_part_is_measured(case: str) -> None:
    """Events that wait are one object each to the collector; the values in them are none."""
    found = measure_garbage(3000, case, "as Python sets it")
    assert found["cpu"] > found["collector"] >= 0
    if CASES[case]:
        assert found["first"] > 0
        assert 1 <= found["tracked"] < 1.2


def test_tls_is_measured_beside_a_plain_connection() -> None:
    """Each round has both figures, and the table has a row."""
    found = measure_tls(catalogue.OURS, events=300, repeats=1)
    assert list(found) == ["kick_live, Pusher"]
    assert all(cost > 0 for cost in found["kick_live, Pusher"][0])
    assert tls_table(found).splitlines()[-1].endswith("| 1.00 |")


def test_every_event_of_a_mixture_reaches_a_listener_to_any() -> None:
    """None is dropped or unknown, and the table has a row for each mixture and subject."""
    found = measure_mixtures(catalogue.OURS, events=400, repeats=1, listen="any")
    assert list(found) == list(MIXTURES)
    for runs in found.values():
        for (result,) in runs.values():
            assert result.delivered == 400
            assert result.facts["dropped"] == 0
            assert result.facts["odd"] == 0
    assert len(mixtures_table(found).splitlines()) == 2 + len(MIXTURES) * 2


def test_a_mixture_ends_with_its_last_message_if_only_messages_are_listened_to() -> None:
    """A listener to messages gets a few of all kinds, and the run ends all the same."""
    found = measure_mixtures(catalogue.OURS[:1], events=400, repeats=1, mixtures=["even"])
    (result,) = found["even"]["kick_live, Pusher"]
    assert 10 < result.delivered < 100


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixture_sent_again_has_no_doubles(name: str) -> None:
    """When a load comes to an event the second time, its id has been forgotten."""
    pool = list(mixture(name, 12_000))
    assert len(set(pool)) > 4_000
    decoder, duplicates = Decoder(), Duplicates()
    for event in pool * 2:
        assert duplicates.is_new(decoder.decode(event.name, event.data, event.topic), now=0.0)
    assert decoder.unknown == decoder.undecodable == 0


def test_mixtures_have_their_shares_of_kinds() -> None:
    """Chat has messages alone, busy almost alone, and even as many of them as of all others."""
    shares = {}
    for name in MIXTURES:
        found = [event.name for event in mixture(name, 4_000)]
        shares[name] = found.count("App\\Events\\ChatMessageEvent") / len(found)
    assert shares["chat"] == 1.0
    assert 0.94 < shares["busy"] < 0.97
    # Messages, replies and celebrations.
    assert 2 / len(kinds()) < shares["even"] < 4 / len(kinds())


def test_an_even_mixture_has_every_name_of_the_golden_frames() -> None:
    """Those that come on topics open to everybody, once at least."""
    names = {template.event.name for found in kinds().values() for template in found}
    assert {event.name for event in mixture("even", 4_000)} == names
