"""Telling the old contact of a change of account: one row a reader, in the reader's language.

The row is the notice: the portal shows it. No mail and no text message leaves the system; for a payee
nobody signs in for, the row is a letter that an agent prints from the file and posts.
"""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import LANGUAGES
from core.sealed_fields import masked
from payments.models import AccountChange, AccountNotice
from payments.selectors import local_day
from payments.selectors.accounts import letter_address, readers_of
from payments.states import ChangeState

LAST_DIGITS = 4

FIRST_ACCOUNT = _(
    "Un premier compte a été demandé le %(asked)s. À partir du %(opens)s, vos paiements iront sur le "
    "compte qui finit par %(new)s. Si ce n’est pas vous, contestez-le dans votre espace ou dans votre "
    "agence avant cette date : rien n’y partira avant qu’un agent ait décidé."
)
SENTENCES = {
    ChangeState.COOLING: _(
        "Un changement de compte a été demandé le %(asked)s. À partir du %(opens)s, vos paiements "
        "iront sur le compte qui finit par %(new)s, et non plus sur celui qui finit par %(old)s. "
        "Si ce n’est pas vous, contestez-le dans votre espace ou dans votre agence avant cette date : "
        "rien ne partira sur aucun des deux comptes avant qu’un agent ait décidé."
    ),
    ChangeState.APPLIED: _(
        "Depuis le %(opens)s, vos paiements vont sur le compte qui finit par %(new)s. "
        "Si ce n’est pas vous, prévenez votre agence aujourd’hui."
    ),
}


def tell_contact(change: AccountChange, *, old_rib: str, at: datetime) -> list[AccountNotice]:
    """Write what the payee's people are told of the state the change is in."""
    readers = readers_of(change.payee, day=local_day(at))
    notices = [
        _notice(change, old_rib, user.language, at, user=user, recipient=masked(user.username))
        for user in readers
    ] or [
        _notice(change, old_rib, language, at, recipient=letter_address(change.payee))
        for language in LANGUAGES
    ]
    return AccountNotice.objects.bulk_create(notices)


def _notice(
    change: AccountChange,
    old_rib: str,
    language: str,
    at: datetime,
    *,
    recipient: str,
    user: User | None = None,
) -> AccountNotice:
    known = {
        "asked": f"{local_day(change.asked_at):%d/%m/%Y}",
        "opens": f"{change.opens_on:%d/%m/%Y}",
        "new": change.rib[-LAST_DIGITS:],
        "old": old_rib[-LAST_DIGITS:],
    }
    is_first = change.state == ChangeState.COOLING and not old_rib
    sentence = FIRST_ACCOUNT if is_first else SENTENCES[ChangeState(change.state)]
    with translation.override(language):
        text = str(sentence) % known
    channel = AccountNotice.Channel.PORTAL if user else AccountNotice.Channel.LETTER
    return AccountNotice(
        change=change,
        channel=channel,
        told=change.state,
        user=user,
        recipient=recipient,
        language=language,
        text=text,
        at=at,
    )
