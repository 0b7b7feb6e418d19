"""Senders that need no operator: one that shows the message, one that refuses to pretend."""


class ShownMessages:
    """For a demonstration: nothing leaves, the asker's screen shows the message."""

    def send(self, *, phone: str, text: str) -> str:
        return text


class NoMessages:
    """An installation with no operator: the code is not sent, and the asker is told."""

    def send(self, *, phone: str, text: str) -> str:
        raise ConnectionError("no operator of text messages is configured (TEXT_MESSAGES)")
