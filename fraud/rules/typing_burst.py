"""TYPING_BURST: des demandes signées plus vite qu'une main ne saisit.

Voit : plus de 30 demandes signées par un même poste en cinq minutes, pour des soins d'un même jour.
Seuil : 30 (ASVS 2.4.2, règle 27 du catalogue). L'envoi d'une file d'attente après une coupure l'explique :
la règle ne compte que les demandes déposées le jour même du soin.
Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="TYPING_BURST",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claims.submitted_at", "claims.device"),
)

SQL = """
WITH typed AS (
    SELECT provider, device, claim, submitted_at, min(care_date) AS care_date,
           floor(extract(epoch FROM submitted_at) / (60.0 * $minutes)) AS slot, max(submitted_day) AS day
    FROM care
    WHERE device IS NOT NULL AND submitted_day BETWEEN $since AND $until
      AND submitted_day = care_date
    GROUP BY provider, device, claim, submitted_at
), counted AS (
    SELECT provider, device, slot, max(day) AS day, count(*) AS n
    FROM typed GROUP BY provider, device, slot HAVING count(*) > $claims
)
SELECT provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, day,
       least(1.0, 0.5 * max(n) / $claims) AS strength, max(n) AS observed, $claims AS threshold,
       CAST(NULL AS INTEGER) AS peers, '{"claims":' || max(n) || '}' AS evidence
FROM counted GROUP BY provider, day
"""
