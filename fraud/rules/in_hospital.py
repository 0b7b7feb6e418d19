"""IN_HOSPITAL: un acte de ville facturé pendant un séjour hospitalier ailleurs.

Voit : un acte d'un médecin ou d'un dentiste, un jour strictement entre l'entrée et la sortie d'un séjour
dans un autre établissement. Les laboratoires, l'imagerie et les pharmacies ne comptent pas.
Seuil : strictement entre les deux jours. Source : catalogue des contrôles, règle 21 (soins fictifs), qui n'est
pas des faits : une permission de sortie ou une visite au lit l'explique.
Ne fait jamais : refuser, ni suspendre sans une autre famille.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="IN_HOSPITAL",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.CLAIM,
    inputs=("claim_lines", "providers.kind"),
    vital=("stays",),
)

SQL = """
SELECT c.provider, c.member, CAST(NULL AS TEXT) AS other, c.claim, c.line, c.submitted_day AS day,
       1.0 AS strength, min(c.care_date - s.admitted) AS observed, 0 AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"code":"' || c.code || '","care_date":"' || c.care_date || '","admitted":"'
       || min(s.admitted) || '","discharged":"' || max(s.discharged) || '"}' AS evidence
FROM care c
JOIN stays s ON s.member = c.member AND s.provider <> c.provider
 AND c.care_date > s.admitted AND c.care_date < s.discharged
WHERE c.kind = 'ACT' AND c.submitted_day BETWEEN $since AND $until
  AND c.provider_kind IN ('GENERAL_PRACTITIONER', 'SPECIALIST', 'DOCTOR', 'DENTIST')
GROUP BY c.provider, c.member, c.claim, c.line, c.submitted_day, c.code, c.care_date
"""
