"""Tell when somebody gives: subscriptions given away, Kicks, and who subscribes.

python gift_alert.py NAME [--kicks 100]
"""

from __future__ import annotations

from chat_source import arguments, open_client, printable

from kick_live import GiftedSubscriptions, KickClient, KicksGifted, Subscription

BELL = "\a"


def main(client: KickClient, least_kicks: int = 1) -> None:
    """Print an alert for each gift, and a sum at the end."""
    subscriptions = kicks = 0

    def alert(text: str) -> None:
        print(f"{BELL}*** {printable(text)} ***", flush=True)

    # One drop makes several events; these classes are the ones to count.
    @client.on(GiftedSubscriptions)
    def given(gift: GiftedSubscriptions) -> None:
        nonlocal subscriptions
        subscriptions += gift.count
        giver = gift.gifter_username or "Somebody"
        alert(f"{giver} gave {gift.count} subscription" + "s" * (gift.count != 1))

    @client.on(KicksGifted)
    def kicked(gift: KicksGifted) -> None:
        nonlocal kicks
        kicks += gift.amount
        if gift.amount >= least_kicks:
            plural = "s" * (gift.amount != 1)
            words = f": {gift.message}" if gift.message else ""
            alert(f"{gift.username or 'Somebody'} gave {gift.amount} Kick{plural}{words}")

    @client.on(Subscription)
    def subscribed(event: Subscription) -> None:
        alert(f"{event.username} subscribed" + (f", month {event.months}" if event.months else ""))

    print("Waiting for gifts; Ctrl-C ends it", flush=True)
    client.run()
    print(f"In all: {subscriptions} subscriptions given, {kicks} Kicks")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--kicks", type=int, default=1, help="the smallest gift to tell")
    options = parser.parse_args()
    with open_client(options, demo_rate=20) as client:  # gifts are rare, in a demonstration too
        main(client, options.kicks)
