"""A bank's XML, read without trust: nothing defined by the file, known names, bounded numbers."""

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from lxml import etree
from xsdata.exceptions import ParserError, XmlHandlerError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler

from core.money import CENTIMES_PER_DIRHAM
from payments.gateways import MAX_ANSWER_BYTES
from payments.gateways._errors import BankAnswerTooLarge, BankAnswerUnreadable

CURRENCY = "MAD"
# Sizes of ISO 20022: 18 digits an amount, 15 a count.
AMOUNT_DIGITS = 18
_COUNT = re.compile(r"[0-9]{1,15}")
_MESSAGE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:[a-z0-9.]{1,40})\}Document")

T = TypeVar("T")


def hardened(content: bytes) -> etree._Element:
    """Parse XML that defines nothing of its own: no DTD, no entity, no network, no huge tree.

    Raises BankAnswerTooLarge, BankAnswerUnreadable.
    """
    if len(content) > MAX_ANSWER_BYTES:
        raise BankAnswerTooLarge(megabytes=MAX_ANSWER_BYTES // 1_000_000)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BankAnswerUnreadable(why="XML") from error
    if root.getroottree().docinfo.doctype:
        raise BankAnswerUnreadable(why="DOCTYPE")
    return root


def message_of(root: etree._Element, known: Collection[str]) -> str:
    """Return the namespace of an ISO 20022 document. Raises BankAnswerUnreadable unless `known`."""
    found = _MESSAGE.fullmatch(str(root.tag))
    if found is None or found[1] not in known:
        raise BankAnswerUnreadable(why="Document")
    return found[1]


def typed(root: etree._Element, document: type[T], *, name: str) -> T:
    """The tree as the message's own types; unknown elements and values of a wrong type are refused."""
    parser = XmlParser(
        config=ParserConfig(
            fail_on_unknown_properties=True,
            fail_on_unknown_attributes=True,
            fail_on_converter_warnings=True,
        ),
        handler=LxmlEventHandler,
    )
    try:
        return parser.parse(root.getroottree(), document)
    except (ParserError, XmlHandlerError, TypeError, ValueError, InvalidOperation) as error:
        raise BankAnswerUnreadable(why=name) from error


def centimes(amount: Decimal) -> int:
    """An amount of dirhams in whole centimes. Raises BankAnswerUnreadable."""
    # Bounded before anything is computed: 1E+999999 is a number of a few characters.
    if not amount.is_finite() or amount.adjusted() >= AMOUNT_DIGITS:
        raise BankAnswerUnreadable(why=str(amount)[:AMOUNT_DIGITS])
    exact = amount * CENTIMES_PER_DIRHAM
    if exact != exact.to_integral_value():
        raise BankAnswerUnreadable(why=str(amount)[:AMOUNT_DIGITS])
    return int(exact)


def in_dirhams(amount: Decimal, currency: str) -> int:
    """An amount that must be in dirhams, in centimes. Raises BankAnswerUnreadable."""
    if currency != CURRENCY:
        raise BankAnswerUnreadable(why=currency[:AMOUNT_DIGITS])
    return centimes(amount)


def count(text: str, *, name: str) -> int:
    """A count of transactions. Raises BankAnswerUnreadable."""
    if not _COUNT.fullmatch(text):
        raise BankAnswerUnreadable(why=name)
    return int(text)
