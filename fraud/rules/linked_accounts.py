"""LINKED_ACCOUNTS: un même compte bancaire pour deux professionnels, ou pour un professionnel et un assuré.

Voit : le même compte chez deux professionnels de cabinets différents ; ou chez un professionnel et un
bénéficiaire qu'il soigne. Source : règle 31 du catalogue.
Ne fait jamais : suspendre ni ouvrir seule un dossier ; un couple de praticiens l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="LINKED_ACCOUNTS",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("providers.bank_account", "members.bank_account", "providers.practice"),
)

SQL = """
WITH twins AS (
    SELECT a.inpe AS provider, b.inpe AS other
    FROM providers a JOIN providers b ON b.bank_account = a.bank_account AND b.inpe <> a.inpe
    WHERE a.bank_account <> ''
      AND coalesce(nullif(a.practice, ''), a.inpe) <> coalesce(nullif(b.practice, ''), b.inpe)
), own AS (
    SELECT DISTINCT p.inpe AS provider, m.member
    FROM providers p
    JOIN members m ON m.bank_account = p.bank_account AND p.bank_account <> ''
    JOIN links l ON l.provider = p.inpe AND l.member = m.member
)
SELECT provider, CAST(NULL AS TEXT) AS member, other, CAST(NULL AS TEXT) AS claim,
       CAST(NULL AS TEXT) AS line, $until AS day, 1.0 AS strength, 2 AS observed, 1 AS threshold,
       CAST(NULL AS INTEGER) AS peers, '{"linked":"PROVIDER"}' AS evidence
FROM twins
UNION ALL
SELECT provider, member, CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), $until, 1.0, 2,
       1, CAST(NULL AS INTEGER), '{"linked":"MEMBER"}'
FROM own
"""
