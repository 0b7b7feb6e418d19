"""The back office's frame: name, colours, navigation by role, tabs of the work lists."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

CONTROL = ("AGENT", "MEDICAL_OFFICER", "FRAUD_OFFICER", "AUDITOR")
PAYING = ("PAYMENT_OFFICER", "ADMINISTRATOR", "AUDITOR")
WATCHING = ("PAYMENT_OFFICER", "AUDITOR")
ALL = ("AGENT", "MEDICAL_OFFICER", "PAYMENT_OFFICER", "FRAUD_OFFICER", "AUDITOR", "ADMINISTRATOR")

FRAUD = ("FRAUD_OFFICER", "AUDITOR")

CLAIMS = "admin:claims_claim_changelist"
CASES = "admin:fraud_case_changelist"
BATCHES = "admin:payments_paymentbatch_changelist"


def for_roles(*roles: str) -> Any:
    """A navigation condition: the person's role is one of these."""
    return lambda request: getattr(request.user, "role", None) in roles


def link(title: Any, icon: str, page: str, roles: tuple[str, ...]) -> dict[str, Any]:
    """One entry of the side bar."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(page),
        "permission": for_roles(*roles),
    }


def _with_query(page: str, query: str) -> str:
    return f"{reverse_lazy(page)}{query}"


with_query = lazy(_with_query, str)


def tab(title: Any, page: str, name: str, value: str) -> dict[str, Any]:
    """One tab over a list: the same page, filtered."""
    return {
        "title": title,
        "link": with_query(page, f"?{name}={value}"),
        "active": lambda request: request.GET.get(name, "") == value,
    }


QUEUES = [
    tab(_("À contrôler"), CLAIMS, "queue", "review"),
    tab(_("Signalées"), CLAIMS, "queue", "held"),
    tab(_("À payer"), CLAIMS, "queue", "payable"),
    tab(_("Payées"), CLAIMS, "queue", "paid"),
    tab(_("Toutes"), CLAIMS, "queue", "all"),
]

UNFOLD = {
    "SITE_TITLE": "Waraqa",
    "SITE_HEADER": "Waraqa",
    "SITE_SUBHEADER": _("CNSS, contrôle et paiement"),
    "SITE_URL": None,
    "SITE_ICON": lambda _request: static("img/favicon.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("img/favicon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": False,
    "THEME": "light",
    "BORDER_RADIUS": "6px",
    "STYLES": [
        lambda _request: static("css/app.css"),
        lambda _request: static("css/office.css"),
        lambda _request: static("css/law.css"),
        lambda _request: static("css/fraud.css"),
    ],
    "SCRIPTS": [],
    "COLORS": {
        # The design's paper and ink (static/css/tokens.css), in the eleven steps Unfold asks for.
        "base": {
            "50": "#fffdf8",
            "100": "#f4efe4",
            "200": "#dfd6c4",
            "300": "#cfc4ae",
            "400": "#857a62",
            "500": "#5f645c",
            "600": "#48514f",
            "700": "#36403f",
            "800": "#26302f",
            "900": "#1b2526",
            "950": "#111819",
        },
        "primary": {
            "50": "#f0f5f5",
            "100": "#e2ecec",
            "200": "#c3d6d8",
            "300": "#94b4b9",
            "400": "#4f8591",
            "500": "#206272",
            "600": "#0f4a5a",
            "700": "#0a3844",
            "800": "#082d37",
            "900": "#06232b",
            "950": "#04181d",
        },
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Second facteur"), "link": reverse_lazy("mfa_index")},
            {
                "title": _("Changer de mot de passe"),
                "link": reverse_lazy("account_change_password"),
            },
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": _("Travail"),
                "items": [
                    link(_("Tableau de bord"), "dashboard", "admin:index", ALL),
                    link(_("Demandes à contrôler"), "fact_check", CLAIMS, CONTROL),
                    link(
                        _("Liquidation en lot"),
                        "playlist_play",
                        "admin:runs",
                        (*CONTROL, "PAYMENT_OFFICER"),
                    ),
                    link(
                        _("Ententes préalables"),
                        "approval",
                        "admin:claims_priorapproval_changelist",
                        ("AGENT", "MEDICAL_OFFICER", "AUDITOR"),
                    ),
                    link(
                        _("Ordonnances suspendues"),
                        "pause_circle",
                        "admin:prescriptions_prescription_changelist",
                        ("MEDICAL_OFFICER", "FRAUD_OFFICER", "AUDITOR"),
                    ),
                    link(
                        _("Remises contestées"),
                        "contract_delete",
                        "admin:prescriptions_dispensing_changelist",
                        CONTROL,
                    ),
                    link(
                        _("Alertes rétrogradées"),
                        "notifications_paused",
                        "admin:prescriptions_safetydemotion_changelist",
                        ("MEDICAL_OFFICER", "AUDITOR"),
                    ),
                ],
            },
            {
                "title": _("Fraude"),
                "items": [
                    link(_("Dossiers"), "folder_open", CASES, FRAUD),
                    link(
                        _("Professionnels signalés"), "leaderboard", "admin:fraud_providers", FRAUD
                    ),
                    link(_("Réseaux"), "hub", "admin:fraud_network", FRAUD),
                    link(_("Règles de contrôle"), "rule", "admin:fraud_rules", FRAUD),
                    link(_("Passages de nuit"), "bedtime", "admin:fraud_nights", FRAUD),
                ],
            },
            {
                "title": _("Paiements"),
                "items": [
                    link(_("Bordereaux"), "payments", BATCHES, PAYING),
                    link(
                        _("Virements"),
                        "account_balance",
                        "admin:payments_paymentorder_changelist",
                        PAYING,
                    ),
                    link(
                        _("Calendrier"),
                        "calendar_month",
                        "admin:payments_paymentday_changelist",
                        WATCHING,
                    ),
                    link(
                        _("Extournes"),
                        "undo",
                        "admin:payments_reversal_changelist",
                        (*CONTROL, "PAYMENT_OFFICER"),
                    ),
                    link(_("Indus"), "savings", "admin:payments_undueamount_changelist", WATCHING),
                    link(
                        _("Virements à réparer"),
                        "healing",
                        "admin:payments_paymentrepair_changelist",
                        PAYING,
                    ),
                    link(_("Grand livre"), "balance", "admin:ledger", PAYING),
                    link(_("Délais de règlement"), "schedule", "admin:delays", WATCHING),
                    link(
                        _("Comptes bancaires"),
                        "credit_card",
                        "admin:payments_payeeaccount_changelist",
                        ("AGENT", *PAYING),
                    ),
                    link(
                        _("Changements de compte"),
                        "published_with_changes",
                        "admin:payments_accountchange_changelist",
                        ("AGENT", "PAYMENT_OFFICER", "AUDITOR"),
                    ),
                ],
            },
            {
                "title": _("Assurés"),
                "items": [
                    link(
                        _("Assurés"),
                        "badge",
                        "admin:insured_insured_changelist",
                        (*CONTROL, "ADMINISTRATOR"),
                    ),
                    link(
                        _("Bénéficiaires"),
                        "group",
                        "admin:insured_person_changelist",
                        (*CONTROL, "ADMINISTRATOR"),
                    ),
                    link(
                        _("Droits"),
                        "event_available",
                        "admin:insured_entitlement_changelist",
                        (*CONTROL, "ADMINISTRATOR"),
                    ),
                    link(
                        _("Maladies accordées"),
                        "medical_information",
                        "admin:insured_longtermillness_changelist",
                        CONTROL,
                    ),
                ],
            },
            {
                "title": _("Professionnels"),
                "items": [
                    link(
                        _("Professionnels"),
                        "stethoscope",
                        "admin:providers_provider_changelist",
                        ALL,
                    ),
                    link(
                        _("Conventions"),
                        "handshake",
                        "admin:providers_agreementperiod_changelist",
                        ("ADMINISTRATOR", "AGENT", "AUDITOR"),
                    ),
                    link(
                        _("Appartenances"),
                        "diversity_3",
                        "admin:providers_membership_changelist",
                        ("ADMINISTRATOR", "AUDITOR", "AGENT"),
                    ),
                    link(
                        _("Postes"),
                        "devices",
                        "admin:providers_device_changelist",
                        ("ADMINISTRATOR", "AUDITOR", "AGENT", "FRAUD_OFFICER"),
                    ),
                    link(
                        _("Jetons de logiciel"),
                        "key",
                        "admin:providers_softwaretoken_changelist",
                        ("ADMINISTRATOR", "AUDITOR", "AGENT"),
                    ),
                ],
            },
            {
                "title": _("Hors ligne"),
                "items": [
                    link(
                        _("Envois à décider"),
                        "inbox",
                        "admin:sync_envelope_changelist",
                        ("AGENT", "ADMINISTRATOR", "AUDITOR", "FRAUD_OFFICER"),
                    ),
                    link(
                        _("Incidents"),
                        "report",
                        "admin:sync_incident_changelist",
                        ("AGENT", "ADMINISTRATOR", "AUDITOR", "FRAUD_OFFICER"),
                    ),
                    link(
                        _("Pannes déclarées"),
                        "cloud_off",
                        "admin:providers_outage_changelist",
                        ALL,
                    ),
                ],
            },
            {
                "title": _("Papier"),
                "items": [
                    link(
                        _("Recevoir une feuille"),
                        "document_scanner",
                        "admin:paper_desk",
                        ("AGENT",),
                    ),
                    link(
                        _("Feuilles reçues"),
                        "description",
                        "admin:claims_paperfile_changelist",
                        CONTROL,
                    ),
                    link(
                        _("Carnets"),
                        "menu_book",
                        "admin:claims_paperpad_changelist",
                        (*CONTROL, "ADMINISTRATOR"),
                    ),
                ],
            },
            {
                "title": _("Référentiels"),
                "items": [
                    link(
                        _("Médicaments"),
                        "medication",
                        "admin:prescriptions_medicine_changelist",
                        ALL,
                    ),
                    link(_("Actes"), "list_alt", "admin:claims_act_changelist", ALL),
                    link(
                        _("ALD et ALC"), "clinical_notes", "admin:insured_illness_changelist", ALL
                    ),
                    link(_("Loi en vigueur"), "gavel", "admin:law", ALL),
                    link(
                        _("Lois à l’essai"),
                        "experiment",
                        "admin:claims_shadowlaw_changelist",
                        ("MEDICAL_OFFICER", "ADMINISTRATOR", "AUDITOR"),
                    ),
                    link(_("Territoires"), "map", "admin:providers_territory_changelist", ALL),
                ],
            },
            {
                "title": _("Surveillance"),
                "items": [
                    link(_("Journal d’audit"), "history", "admin:audit_trail", ("AUDITOR",)),
                    link(
                        _("Vérifications"),
                        "verified",
                        "admin:invariants",
                        ("ADMINISTRATOR", "AUDITOR"),
                    ),
                    link(
                        _("Travail mis de côté"),
                        "inventory",
                        "admin:quarantine",
                        ("ADMINISTRATOR", "AUDITOR"),
                    ),
                    link(
                        _("Comptes"),
                        "manage_accounts",
                        "admin:accounts_user_changelist",
                        ("ADMINISTRATOR", "AUDITOR"),
                    ),
                ],
            },
        ],
    },
    "TABS": [{"models": ["claims.claim"], "items": QUEUES}],
}
