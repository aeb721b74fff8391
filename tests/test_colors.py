import pytest

from kick_live.colors import name_color, readable


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "color", ["#000000", "#FFFFFF", "#0000FF", "#FFFF00", "#75FD46", "#DEB2FF", "#102030"]
)
def test_contrast_on_both_backgrounds(color):
    """Every colour is readable on black and on white: a contrast of about 3 at least."""
    light = luminance(readable(color))
    assert (light + 0.05) / 0.05 >= 2.9
    assert 1.05 / (light + 0.05) >= 2.9


def test_readable_colours_stay():
    """A colour that can be read is not touched."""
    assert readable("#4A86E0") == "#4a86e0"


@pytest.mark.parametrize("color", ["", "red", "#12345", "#1234567", "#12345g", "\x1b[31m"])
def test_no_colour(color):
    """What is no colour is refused, and the name gets one of its own."""
    assert readable(color) is None
    assert name_color("pebble", color) == name_color("PEBBLE")


def test_names_keep_their_colour_and_differ():
    """A name without a colour always gets the same, and not all get one."""
    assert name_color("pebble") == name_color("pebble")
    assert len({name_color(f"acorn_{i}") for i in range(50)}) > 5
