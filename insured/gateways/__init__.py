"""Text messages to insured persons' phones, behind one protocol; which sender, the settings say."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class TextMessages(Protocol):
    """Whoever carries a text message to a phone."""

    def send(self, *, phone: str, text: str) -> str:
        """Carry `text` to `phone`; return what may be shown to the asker: empty, but in a demonstration.

        Raises OSError when the carrier cannot be reached.
        """
        ...


def text_messages() -> TextMessages:
    """Return the sender that TEXT_MESSAGES names."""
    sender: TextMessages = import_string(settings.TEXT_MESSAGES)()
    return sender
