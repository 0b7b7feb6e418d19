"""The form of the public check."""

from django import forms
from django.utils.translation import gettext_lazy as _

# Longer than any code, short enough to paste: what is beyond is refused unread.
LONGEST_TEXT = 4000


class VerifierForm(forms.Form):
    """A code scanned or pasted, or the number typed by hand."""

    text = forms.CharField(
        label=_("Code scanné, ou numéro de l’ordonnance"),
        help_text=_("Le numéro a douze caractères ; espaces et tirets ne comptent pas."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "dir": "ltr",
                "spellcheck": "false",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "data-fse-search": "",
            }
        ),
    )

    def clean_text(self) -> str:
        """A code pasted from a letter may be cut in lines; spaces inside it are its own."""
        text: str = self.cleaned_data["text"]
        return "".join(text.splitlines())
