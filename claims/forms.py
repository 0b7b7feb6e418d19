"""Forms of the law desk (a file, the days of a measure) and of the paper desk (a pad, a sheet)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import parse_dirhams
from insured.models import Person
from insured.selectors import find_persons

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


def _day_field(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AmountField(forms.CharField):
    """Dirhams as they are written on paper, "200", "200,5" or "200.50"; cleaned to centimes."""

    def __init__(self, **options: Any) -> None:
        typed = {"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"}
        super().__init__(max_length=12, widget=forms.TextInput(attrs=typed), **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("\u202f", "").replace(" ", "").replace(",", ".")
        if not text:
            return None
        whole, _point, rest = text.partition(".")
        try:
            return parse_dirhams(f"{whole}.{rest.ljust(2, '0')}")
        except ValueError:
            raise forms.ValidationError(_("Un montant en dirhams, par exemple 200,00.")) from None


class PadForm(forms.Form):
    """A pad for a provider; the law says how many sheets."""

    inpe = forms.CharField(
        label="INPE",
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}),
    )
    sheets = forms.IntegerField(label=_("Nombre de feuilles"), min_value=1, max_value=10_000)


class DepositForm(forms.Form):
    """When a sheet was handed in, and its picture."""

    deposited_on = _day_field(_("Déposée à l’agence le"))
    scan = forms.FileField(
        label=_("La feuille numérisée"),
        help_text=_("JPEG, PNG ou PDF, 5 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )


class JoinForm(DepositForm):
    """What the paper says beside the claim it joins."""

    charged = AmountField(label=_("Total écrit sur le papier, en DH"))
    note = forms.CharField(
        label=_("Ce qui diffère"),
        required=False,
        max_length=500,
        help_text=_("Laissez vide si le papier dit la même chose. Rien ne change dans la demande."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PaperForm(DepositForm):
    """Who a paper sheet is for and of whom; its lines are another form."""

    inpe = forms.CharField(
        label=_("INPE du professionnel"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}),
    )
    insured = forms.CharField(
        label=_("Immatriculation ou CIN de l’assuré"),
        max_length=12,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    born_on = _day_field(_("Bénéficiaire né(e) le"))
    first_name = forms.CharField(
        label=_("Prénom du bénéficiaire"),
        required=False,
        max_length=80,
        help_text=_("Seulement si deux personnes du foyer sont nées ce jour-là."),
    )
    treatment_end_date = _day_field(_("Fin du traitement continu"), required=False)
    field_order = (
        "inpe",
        "insured",
        "born_on",
        "first_name",
        "deposited_on",
        "treatment_end_date",
        "scan",
    )

    def clean(self) -> dict[str, Any]:
        """Find the beneficiary, as `patient`."""
        given = super().clean() or {}
        number, born_on = given.get("insured", ""), given.get("born_on")
        if number and born_on:
            self._find(given, number.replace(" ", ""), born_on)
        return given

    def _find(self, given: dict[str, Any], number: str, born_on: date) -> None:
        asked = {"registration_number" if number.isdigit() else "cin": number}
        household = find_persons(**asked)
        if not household:
            self.add_error("insured", _("Aucun foyer ne porte ce numéro."))
            return
        named = given.get("first_name", "").casefold()
        found = [each for each in household if _is(each, born_on, named)]
        if len(found) == 1:
            given["patient"] = found[0]
        elif found:
            self.add_error("first_name", _("Plusieurs personnes du foyer sont nées ce jour-là."))
        else:
            self.add_error("born_on", _("Personne de ce foyer n’est né ce jour-là."))


def _is(person: Person, born_on: date, named: str) -> bool:
    return person.birth_date == born_on and named in ("", person.first_name.casefold())


class PaperLineForm(forms.Form):
    """One act of a paper sheet."""

    act = forms.CharField(
        label=_("Acte"),
        max_length=20,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    care_date = _day_field(_("Jour"))
    quantity = forms.IntegerField(label=_("Quantité"), min_value=1, max_value=99, initial=1)
    charged = AmountField(label=_("Montant en DH"))
    illness = forms.CharField(
        label=_("Affection de longue durée"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )


MOST_LINES = 20
PaperLines = forms.formset_factory(
    PaperLineForm, extra=4, min_num=1, validate_min=True, max_num=MOST_LINES, validate_max=True
)
