"""The law desk's forms: a file of a candidate law, and the days of a measure."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_LAW_FILE = 100_000


class LawFileForm(forms.Form):
    """One file of the law, written here or uploaded; an uploaded file wins."""

    file = forms.CharField(
        label=_("Fichier de la loi"),
        max_length=120,
        help_text=_("FAMILLE/NOM.yaml, par exemple rates/standard_act.yaml."),
        widget=forms.TextInput(attrs={"dir": "ltr", "list": "law-files", "autocomplete": "off"}),
    )
    upload = forms.FileField(
        label=_("Envoyer le fichier"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml"}),
    )
    text = forms.CharField(
        label=_("ou l’écrire ici"),
        required=False,
        max_length=MAX_LAW_FILE,
        strip=False,
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 16, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        upload = given.get("upload")
        if upload is not None:
            given["text"] = self._read(upload)
        if not given.get("text", "").strip() and not self.errors:
            self.add_error("text", _("Envoyez le fichier, ou écrivez-le."))
        # A browser sends its own line ends; the law's are those of the files.
        given["text"] = given.get("text", "").replace("\r\n", "\n")
        return given

    def _read(self, upload: Any) -> str:
        if upload.size > MAX_LAW_FILE:
            self.add_error("upload", _("Un fichier de loi tient en 100 ko."))
            return ""
        try:
            text: str = upload.read().decode("utf-8")
        except UnicodeDecodeError:
            self.add_error("upload", _("Ce fichier n’est pas écrit en UTF-8."))
            return ""
        return text


class NewLawForm(LawFileForm):
    """The first file of a candidate law, and what the law is called."""

    name = forms.CharField(label=_("Nom de l’essai"), max_length=120)


class MeasureForm(forms.Form):
    """The days whose decisions are judged again."""

    since = forms.DateField(
        label=_("Décisions depuis le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("jusqu’au"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Jour compris ; vide : jusqu’à maintenant."),
    )
