"""Chat in a game: pygame's loop polls once a frame.

python pygame_chat.py NAME          (pip install pygame-ce)
"""

from __future__ import annotations

import sys
from collections import deque

try:
    import pygame
except ModuleNotFoundError:
    sys.exit("This example needs pygame: python -m pip install pygame-ce")
from chat_source import arguments, open_client, printable, words

from kick_live import ChatMessage, KickClient

FRAMES_A_SECOND = 60
BACKGROUND = (16, 24, 32)
WORDS = (230, 230, 230)


def draw(screen: pygame.Surface, font: pygame.font.Font, lines: deque[str]) -> None:
    """Draw the newest line at the bottom, the others above it."""
    screen.fill(BACKGROUND)
    y = screen.get_height()
    for line in reversed(lines):
        y -= font.get_linesize()
        screen.blit(font.render(line, True, WORDS), (8, y))


def open_window() -> pygame.Surface:
    """Open the window; without a screen end with a sentence."""
    try:
        pygame.display.init()
        pygame.font.init()
        screen = pygame.display.set_mode((640, 360))
    except pygame.error as error:
        sys.exit(
            f"pygame cannot open a window ({error}). Run it on a desktop, or with "
            "SDL_VIDEODRIVER=dummy in the environment to draw where nobody sees it."
        )
    if pygame.display.get_driver() in ("dummy", "offscreen"):
        print("There is no screen: the chat is drawn where nobody sees it", file=sys.stderr)
    return screen


def main(client: KickClient) -> None:
    """Play until the window is closed, or the client is."""
    lines: deque[str] = deque(maxlen=12)

    @client.on(ChatMessage)
    def keep(message: ChatMessage) -> None:
        lines.append(f"{printable(message.sender.username)}: {words(message)}")

    screen = open_window()
    try:
        client.connect()
        font, clock = pygame.font.Font(None, 28), pygame.time.Clock()
        while not client.closed and not pygame.event.get(pygame.QUIT):
            pygame.event.clear()  # a game would handle keys here
            client.poll()
            draw(screen, font, lines)
            pygame.display.flip()
            clock.tick(FRAMES_A_SECOND)
    finally:
        pygame.quit()


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    with open_client(options) as client:
        main(client)
