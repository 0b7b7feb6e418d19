"""NEAR_DUPLICATE: le même acte, chez un autre professionnel, à deux jours près.

Voit : même bénéficiaire et même code d'acte chez un professionnel d'un autre cabinet, à deux jours d'écart
au plus.
Seuil : deux jours (règle 2 du catalogue, d'après le NCCI). Le second avis et l'examen refait l'expliquent.
Ne fait jamais : suspendre ni refuser ; la première demande déposée n'est jamais signalée.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="NEAR_DUPLICATE",
    family=Family.DUPLICATE,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.CLAIM,
    inputs=("claims", "claim_lines", "providers.practice"),
)

SQL = """
SELECT later.provider, later.member, min(earlier.provider) AS other, later.claim, later.line,
       later.submitted_day AS day, 0.5 AS strength, count(*) + 1 AS observed, 1 AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"code":"' || later.code || '","care_date":"' || later.care_date || '","other_claim":"'
       || min(earlier.claim) || '"}' AS evidence
FROM care later
JOIN care earlier
  ON earlier.member = later.member AND earlier.code = later.code
 AND earlier.practice <> later.practice
 AND earlier.care_no BETWEEN later.care_no - $days AND later.care_no + $days
WHERE later.kind = 'ACT' AND earlier.kind = 'ACT'
  AND later.submitted_day BETWEEN $since AND $until
  AND (earlier.submitted_at < later.submitted_at
       OR earlier.submitted_at = later.submitted_at AND earlier.claim < later.claim)
GROUP BY later.provider, later.member, later.claim, later.line, later.submitted_day, later.code,
         later.care_date
"""
