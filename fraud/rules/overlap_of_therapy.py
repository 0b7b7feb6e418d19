"""OVERLAP_OF_THERAPY: deux traitements de la même classe prescrits par deux personnes en même temps.

Voit : même bénéficiaire, même ATC à quatre signes, prescripteurs différents, plus de 7 jours de
recouvrement. Sans classe ATC dans la liste des médicaments, la règle ne voit rien. Source : règle 14 du
catalogue (à confirmer).
Ne fait jamais : suspendre ni refuser ; un changement de produit l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="OVERLAP_OF_THERAPY",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.CLAIM,
    inputs=("claim_lines.days", "medicines.atc", "prescriptions.prescriber"),
)

SQL = """
WITH treated AS (
    SELECT c.provider, c.member, c.claim, c.line, c.submitted_day, c.submitted_at, c.care_no, c.days,
           c.prescriber, c.care_date, substr(m.atc, 1, 5) AS class, c.inn
    FROM care c JOIN medicines m ON m.ean = c.code
    WHERE c.kind = 'MEDICINE' AND c.days > 0 AND length(m.atc) >= 5
)
SELECT later.provider, later.member, min(earlier.prescriber) AS other, later.claim, later.line,
       later.submitted_day AS day,
       least(1.0, 0.5 * max(earlier.care_no + earlier.days - later.care_no) / $days) AS strength,
       max(earlier.care_no + earlier.days - later.care_no) AS observed, $days AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"class":"' || later.class || '","care_date":"' || later.care_date || '"}' AS evidence
FROM treated later
JOIN treated earlier
  ON earlier.member = later.member AND earlier.class = later.class
 AND earlier.prescriber <> later.prescriber AND earlier.inn <> later.inn
 AND earlier.care_no <= later.care_no AND earlier.care_no + earlier.days - later.care_no > $days
WHERE later.submitted_day BETWEEN $since AND $until AND earlier.claim <> later.claim
GROUP BY later.provider, later.member, later.claim, later.line, later.submitted_day, later.class,
         later.care_date
"""
