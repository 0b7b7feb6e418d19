"""The whole URL table, and who may open what: a new address that nobody declared fails a test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

from accounts.models import CARE_ROLES, OFFICE_ROLES, Role

Roles = frozenset[Role]

EVERYBODY: Roles = frozenset(Role)
CARE: Roles = CARE_ROLES
OFFICE: Roles = OFFICE_ROLES
SIGNING: Roles = CARE_ROLES - {Role.DELEGATE}
PRACTICE: Roles = CARE_ROLES - {Role.PHARMACIST}
WRITING: Roles = frozenset({Role.PRESCRIBER, Role.DELEGATE})
PHARMACY: Roles = frozenset({Role.PHARMACIST})
CONTROL: Roles = frozenset({Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR})
HOLDS: Roles = frozenset({Role.AGENT, Role.FRAUD_OFFICER})
REVIEWS: Roles = frozenset({Role.AGENT, Role.MEDICAL_OFFICER})
ACCOUNTS: Roles = frozenset({Role.AGENT})
HOLDING: Roles = frozenset({Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER})
REVIEWING: Roles = frozenset({Role.MEDICAL_OFFICER})
FRAUD: Roles = frozenset({Role.FRAUD_OFFICER})
LAWS: Roles = frozenset({Role.ADMINISTRATOR, Role.MEDICAL_OFFICER})
PAYING: Roles = frozenset({Role.PAYMENT_OFFICER})
RUNNING: Roles = PAYING | {Role.AGENT}
WATCHING: Roles = PAYING | {Role.AUDITOR}
ADMINISTRATION: Roles = frozenset({Role.ADMINISTRATOR})
ACCESS: Roles = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.AGENT})
REVOKING: Roles = frozenset({Role.ADMINISTRATOR, Role.FRAUD_OFFICER})
OUTAGES: Roles = frozenset({Role.AGENT, Role.ADMINISTRATOR})
NOBODY: Roles = frozenset()

# Open without signing in, each for a reason.
PUBLIC = {
    "": "the landing page: three doors, no data",
    "langue/": "chooses the language of pages, in a cookie",
    "compte/activation/": "a new user has no password yet; the code is the proof",
    "compte/login/": "the way in",
    "compte/signup/": "says that sign-up is closed",
    "compte/inactive/": "says that an account is closed",
    "compte/confirm-email/": "says that no mail is confirmed here",
    "compte/confirm-email/(?P<key>[-:\\w]+)/": "the same, with a key that opens nothing",
    "compte/password/reset/": "says how a password is got back",
    "compte/password/reset/done/": "the same",
    "compte/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/": "the key is the proof",
    "compte/password/reset/key/done/": "the end of it",
    "compte/login/code/confirm/": "sign-in by code is switched off; the page goes back to sign-in",
    "compte/logout/": "a stranger who leaves is already out",
    "compte/second-facteur/authenticate/": "between the password and the second factor",
    "compte/second-facteur/webauthn/login/": "the challenge of a passkey",
    "verifier/": "anybody checks a paper; it says neither who nor what",
    "api/v1/schema": "the API's description, no data",
    "api/v1/docs": "its page",
    "sw.js": "the worker that keeps pages without data; no person is in it",
    "manifest.webmanifest": "the name and the drawing of the installed app",
    "sonde/": "says that the server answers, and nothing else",
    "galerie/": "the components with invented data, on demonstration machines only",
}
# Sends everybody away: strangers to sign in, care roles and the insured to their own home.
DOORMEN = {"admin/login/", "admin/logout/"}

# Who may open an address. One that ends with * stands for every address below it.
READERS: dict[str, Roles] = {
    "accueil/": EVERYBODY,
    "compte/*": EVERYBODY,
    "cabinet/": PRACTICE,
    "cabinet/consultation/": WRITING,
    "cabinet/feuilles/": PRACTICE,
    "cabinet/feuilles/<slug:fse>/": PRACTICE,
    "cabinet/demandes/": WRITING,
    "cabinet/ordonnances/": WRITING,
    "cabinet/reglements/": PRACTICE - {Role.DELEGATE},
    "cabinet/qr/<slug:fse>.svg": PRACTICE | PHARMACY,
    "pharmacie/*": PHARMACY,
    "file-attente/": WRITING | PHARMACY,
    "assure/*": frozenset({Role.INSURED}),
    "sommes-a-rendre/*": SIGNING | {Role.INSURED},
    "postes/*": CARE,
    "carnets/*": CARE,
    "compte-bancaire/*": SIGNING,
    "admin/": OFFICE,
    "admin/login/": OFFICE,
    "admin/logout/": OFFICE,
    "admin/search/": OFFICE,
    "admin/jsi18n/": OFFICE,
    "admin/password_change/": OFFICE,
    "admin/password_change/done/": OFFICE,
    "admin/autocomplete/": OFFICE,  # and then by the rights on the list it completes
    "admin/r/<path:content_type_id>/<path:object_id>/": OFFICE,
    "admin/(?P<app_label>*": OFFICE,
    "admin/(?P<url>.*)": OFFICE,
    "admin/journal/": frozenset({Role.AUDITOR}),
    "admin/verifications/": frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    "admin/travail/": frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    "admin/papier/*": frozenset({Role.AGENT}),
    "admin/claims/paperfile/*": frozenset(
        {Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR}
    ),
    "admin/claims/paperfile/add/": NOBODY,
    "admin/claims/paperpad/*": frozenset(
        {Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR}
    ),
    "admin/claims/paperpad/add/": frozenset({Role.AGENT, Role.ADMINISTRATOR}),
    "admin/claims/paperpad/<uuid:object_id>/carnet.pdf": frozenset(
        {Role.AGENT, Role.ADMINISTRATOR}
    ),
    "admin/liquidation/*": CONTROL | PAYING,
    "admin/grand-livre/": WATCHING,
    "admin/avis/<uuid:batch_id>/": WATCHING,
    "admin/decomptes/<uuid:order_id>/": WATCHING,
    "admin/delais/": WATCHING,
    "admin/comptes/nouveau/": ADMINISTRATION,
    "admin/accounts/user/*": frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    "admin/providers/provider/*": OFFICE,
    "admin/providers/agreementperiod/*": ACCESS,
    "admin/providers/membership/*": ACCESS,
    "admin/providers/device/*": ACCESS | {Role.FRAUD_OFFICER},
    "admin/providers/outage/*": OFFICE,
    "admin/providers/outage/add/": OUTAGES,
    "admin/sync/envelope/*": OUTAGES | {Role.AUDITOR, Role.FRAUD_OFFICER},
    "admin/sync/incident/*": OUTAGES | {Role.AUDITOR, Role.FRAUD_OFFICER},
    "admin/providers/softwaretoken/*": ACCESS,
    "admin/providers/softwaretoken/emettre/": ADMINISTRATION,
    "admin/providers/territory/*": OFFICE,
    "admin/insured/insured/*": CONTROL | ADMINISTRATION,
    "admin/insured/person/*": CONTROL | ADMINISTRATION,
    "admin/insured/entitlement/*": CONTROL | ADMINISTRATION,
    "admin/insured/longtermillness/*": CONTROL,
    "admin/insured/illness/*": OFFICE,
    "admin/prescriptions/medicine/*": OFFICE,
    "admin/prescriptions/prescription/*": HOLDING | {Role.AUDITOR},
    "admin/prescriptions/dispensing/*": CONTROL,
    "admin/prescriptions/safetydemotion/*": REVIEWING | {Role.AUDITOR},
    "admin/claims/act/*": OFFICE,
    "admin/claims/priorapproval/*": REVIEWS | {Role.AUDITOR},
    "admin/claims/claim/*": CONTROL,
    "admin/claims/shadowlaw/*": LAWS | {Role.AUDITOR},
    "admin/claims/shadowlaw/add/": LAWS,
    "admin/fraud/case/*": FRAUD | {Role.AUDITOR},
    "admin/fraude/*": FRAUD | {Role.AUDITOR},
    "admin/loi/": OFFICE,
    "admin/payments/paymentbatch/*": WATCHING,
    "admin/payments/paymentbatch/geler/": PAYING,
    "admin/payments/paymentorder/*": WATCHING,
    "admin/payments/paymentrepair/*": WATCHING,
    "admin/payments/paymentday/*": WATCHING,
    "admin/payments/reversal/*": CONTROL | WATCHING,
    "admin/payments/reversal/demander/<uuid:claim_id>/": CONTROL - {Role.AUDITOR},
    "admin/payments/undueamount/*": WATCHING,
    "admin/payments/payeeaccount/*": WATCHING | ADMINISTRATION | ACCOUNTS,
    "admin/payments/accountchange/*": WATCHING | ACCOUNTS,
    "admin/payments/accountchange/demander/": ACCOUNTS,
    "api/v1/session": CARE,
    "api/v1/devices": SIGNING,
    "api/v1/devices/<str:kid>/revocation": SIGNING,
    "api/v1/medicines": CARE,
    "api/v1/medicines/<str:ean>": CARE,
    "api/v1/medicines/<str:ean>/equivalents": CARE,
    "api/v1/followed-prescriptions": WRITING,
    "api/v1/followed-prescriptions/document": WRITING,
    "api/v1/narcotic-register": WRITING,
    "api/v1/protocols": WRITING,
    "api/v1/protocols/<int:key>": WRITING,
    "api/v1/preparations": WRITING,
    "api/v1/preparations/<uuid:preparation>": WRITING,
    "api/v1/renewals/<uuid:patient>": WRITING,
    "api/v1/prescriptions": frozenset({Role.PRESCRIBER}),
    "api/v1/prescriptions/<str:fse_number>/paper": WRITING | PHARMACY,
    "api/v1/prescriptions/scan": WRITING | PHARMACY,
    "api/v1/prescriber-keys": CARE,
    "api/v1/prescriptions/<str:fse_number>": WRITING | PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/custody": PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/presence": PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/presence-codes": PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/requests": PHARMACY,
    "api/v1/requests": WRITING | PHARMACY,
    "api/v1/requests/<uuid:request_id>/answer": frozenset({Role.PRESCRIBER}),
    "api/v1/requests/<uuid:request_id>/messages": WRITING | PHARMACY,
    "api/v1/requests/<uuid:request_id>/withdrawal": PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/cancellation": frozenset({Role.PRESCRIBER}),
    "api/v1/prescriptions/<str:fse_number>/retraction": frozenset({Role.PRESCRIBER}),
    "api/v1/prescriptions/<str:fse_number>/waiver": frozenset({Role.PRESCRIBER}),
    "api/v1/prescriptions/<str:fse_number>/outcomes": PHARMACY,
    "api/v1/prescriptions/<str:fse_number>/reopening": PHARMACY,
    "api/v1/safety": CARE,
    "api/v1/safety/answers": SIGNING,
    "api/v1/patients/<uuid:person_id>/care-profile": CARE,
    "api/v1/claims/<uuid:claim_id>/reversal": PHARMACY,
    "api/v1/claims/<uuid:claim_id>/amendment": PHARMACY,
    "api/v1/rights-checks": CARE,
    "api/v1/known-facts/<uuid:patient>": CARE,
    "api/v1/acts": CARE,
    "api/v1/claims": CARE,
    "api/v1/claims/<uuid:claim_id>": CARE,
    "api/v1/dispensings": PHARMACY,
    "api/v1/estimates": CARE,
    "api/v1/packs/*": CARE,
    "api/v1/sync/anchors": SIGNING,
    "api/v1/sync/envelopes": CARE,
    "api/v1/sync/outcomes": CARE,
    "api/v1/statements": SIGNING,
    "api/v1/statements/next": SIGNING,
    "api/v1/statements/document": SIGNING,
    "api/v1/statements/<uuid:order_id>/document": SIGNING,
    "api/v1/[\\s\\S]*": EVERYBODY,  # an unknown address: a 404 in the API's own words
}
# Who may write where reading is not writing: the rest of the readers are refused a POST.
WRITERS: dict[str, Roles] = {
    "admin/accounts/user/*": ADMINISTRATION,
    "admin/accounts/user/add/": NOBODY,
    "admin/claims/act/add/": NOBODY,
    "admin/providers/provider/*": ADMINISTRATION,
    "admin/providers/agreementperiod/*": ADMINISTRATION,
    "admin/providers/membership/*": ADMINISTRATION,
    "admin/providers/device/*": NOBODY,
    "admin/providers/device/<uuid:object_id>/revoquer/": REVOKING,
    "admin/providers/device/<uuid:object_id>/voler/": REVOKING,
    "admin/providers/device/<uuid:object_id>/suspendre/": REVOKING,
    "admin/providers/device/<uuid:object_id>/rendre/": REVOKING,
    "admin/providers/device/<uuid:object_id>/retirer/": REVOKING,
    "admin/providers/outage/*": NOBODY,
    "admin/providers/outage/add/": OUTAGES,
    "admin/providers/outage/<uuid:object_id>/terminer/": OUTAGES,
    "admin/sync/envelope/*": NOBODY,
    "admin/sync/envelope/<uuid:object_id>/appliquer/": OUTAGES,
    "admin/sync/envelope/<uuid:object_id>/refuser/": OUTAGES,
    "admin/sync/incident/*": NOBODY,
    "admin/providers/softwaretoken/*": NOBODY,
    "admin/providers/softwaretoken/emettre/": ADMINISTRATION,
    "admin/providers/softwaretoken/<uuid:object_id>/revoquer/": ADMINISTRATION,
    "admin/providers/territory/*": NOBODY,
    "admin/insured/insured/*": ADMINISTRATION,
    "admin/insured/person/*": ADMINISTRATION,
    "admin/insured/entitlement/*": ADMINISTRATION,
    "admin/insured/longtermillness/*": frozenset({Role.MEDICAL_OFFICER}),
    "admin/insured/illness/*": NOBODY,
    "admin/prescriptions/medicine/*": NOBODY,
    "admin/prescriptions/prescription/*": NOBODY,
    "admin/prescriptions/prescription/<uuid:object_id>/suspendre/": HOLDING,
    "admin/prescriptions/prescription/<uuid:object_id>/lever/": HOLDING,
    "admin/prescriptions/prescription/<uuid:object_id>/annuler/": HOLDING,
    "admin/prescriptions/dispensing/*": NOBODY,
    "admin/prescriptions/dispensing/<uuid:object_id>/confirmer/": CONTROL - {Role.AUDITOR},
    "admin/prescriptions/safetydemotion/*": NOBODY,
    "admin/prescriptions/safetydemotion/<uuid:object_id>/garder/": REVIEWING,
    "admin/prescriptions/safetydemotion/<uuid:object_id>/retablir/": REVIEWING,
    "admin/claims/act/*": ADMINISTRATION,
    "admin/claims/priorapproval/*": NOBODY,
    "admin/claims/claim/*": NOBODY,
    "admin/claims/shadowlaw/*": LAWS,
    "admin/claims/claim/<uuid:claim_id>/lever/": HOLDS,
    "admin/claims/claim/<uuid:claim_id>/refuser/": HOLDS,
    "admin/claims/claim/<uuid:claim_id>/confirmer/": REVIEWS,
    "admin/claims/claim/<uuid:claim_id>/rejeter/": REVIEWS,
    "admin/fraud/case/*": NOBODY,
    "admin/fraud/case/<uuid:case_id>/prendre/": FRAUD,
    "admin/fraud/case/<uuid:case_id>/rendre/": FRAUD,
    "admin/fraud/case/<uuid:case_id>/noter/": FRAUD,
    "admin/fraud/case/<uuid:case_id>/confirmer/": FRAUD,
    "admin/fraud/case/<uuid:case_id>/classer/": FRAUD,
    "admin/fraud/case/<uuid:case_id>/rouvrir/": FRAUD,
    "admin/fraude/*": FRAUD,
    "admin/travail/": ADMINISTRATION,
    "admin/papier/*": frozenset({Role.AGENT}),
    "admin/claims/paperfile/*": frozenset({Role.AGENT}),
    "admin/claims/paperpad/*": frozenset({Role.AGENT, Role.ADMINISTRATOR}),
    "carnets/*": CARE,
    "admin/liquidation/*": RUNNING,
    "admin/payments/paymentbatch/*": NOBODY,
    "admin/payments/paymentbatch/geler/": PAYING,
    "admin/payments/paymentbatch/<uuid:batch_id>/approuver/": PAYING,
    "admin/payments/paymentbatch/<uuid:batch_id>/annuler/": PAYING,
    "admin/payments/paymentbatch/<uuid:batch_id>/fichier/": PAYING,
    "admin/payments/paymentbatch/<uuid:batch_id>/reponse/": PAYING,
    "admin/payments/paymentbatch/<uuid:batch_id>/rapprocher/": PAYING,
    "admin/payments/paymentorder/*": NOBODY,
    "admin/payments/paymentrepair/*": NOBODY,
    "admin/payments/paymentrepair/refaire/": PAYING,
    "admin/payments/paymentrepair/attendre/": PAYING,
    "admin/payments/paymentday/*": PAYING,
    "admin/payments/reversal/*": NOBODY,
    "admin/payments/reversal/demander/<uuid:claim_id>/": CONTROL - {Role.AUDITOR},
    "admin/payments/reversal/<uuid:object_id>/confirmer/": CONTROL - {Role.AUDITOR},
    "admin/payments/reversal/<uuid:object_id>/refuser/": CONTROL - {Role.AUDITOR},
    "admin/payments/undueamount/*": NOBODY,
    "admin/payments/undueamount/<uuid:object_id>/plan/": PAYING,
    "admin/payments/undueamount/<uuid:object_id>/contester/": PAYING,
    "admin/payments/undueamount/<uuid:object_id>/reprendre/": PAYING,
    "admin/payments/undueamount/<uuid:object_id>/abandonner/": PAYING,
    "admin/payments/undueamount/<uuid:object_id>/abandon-confirme/": PAYING,
    "admin/payments/payeeaccount/*": NOBODY,
    "admin/payments/accountchange/*": NOBODY,
    "admin/payments/accountchange/demander/": ACCOUNTS,
    "admin/payments/accountchange/<uuid:change_id>/confirmer/": ACCOUNTS,
    "admin/payments/accountchange/<uuid:change_id>/refuser/": ACCOUNTS,
    "admin/payments/accountchange/<uuid:change_id>/contester/": ACCOUNTS,
    "admin/payments/accountchange/<uuid:change_id>/reprendre/": ACCOUNTS,
}

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)+|\(\[\^/\]\+\)")


@dataclass(frozen=True, slots=True)
class Address:
    """One route of the table as Django writes it, anchors taken off."""

    route: str

    @property
    def readers(self) -> Roles | None:
        return most_precise(READERS, self.route)

    @property
    def writers(self) -> Roles | None:
        declared = most_precise(WRITERS, self.route)
        return self.readers if declared is None else declared

    @property
    def is_public(self) -> bool:
        return self.route in PUBLIC

    def path(self, known: dict[str, str]) -> str:
        """The address of real things: `known` gives the value of each parameter."""

        def value(found: re.Match[str]) -> str:
            name = found.group(1) or found.group(2) or "object_id"
            if self.route[: found.start()].endswith("/history/"):
                return "1"
            model = self.route.removeprefix("admin/").split("/<")[0].split("/(")[0]
            if name == "object_id":
                return known.get(model, known["object_id"])
            return known[name]

        return "/" + PARAMETER.sub(value, self.route).replace("[\\s\\S]*", "nulle-part")


def most_precise(table: dict[str, Roles], route: str) -> Roles | None:
    """The entry of a route itself, else of the longest group it is in."""
    if route in table:
        return table[route]
    groups = [key for key in table if key.endswith("*") and route.startswith(key[:-1])]
    return table[max(groups, key=len)] if groups else None


def every_address() -> list[Address]:
    """Every route of the site, included tables unfolded."""
    return sorted({Address(route) for route in _routes(get_resolver().url_patterns)}, key=str)


def _routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        route = before + str(each.pattern).replace("^(", "(").removeprefix("^").removesuffix("$")
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each.url_patterns, route)
