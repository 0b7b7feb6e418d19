"""TWO_PLACES: une même personne soignée à deux endroits trop éloignés.

Voit : deux actes en présence le même jour, à plus de 400 km ; ou, les heures connues, une route à plus de
130 km/h. Les analyses (prélèvements envoyés) et les pharmacies (un proche y va) ne comptent pas. Source :
règle 22 du catalogue. Ne fait jamais : refuser ; une adresse de cabinet fausse l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="TWO_PLACES",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.CLAIM,
    inputs=("providers.latitude", "providers.longitude", "claim_lines.started_at"),
)

SQL = """
WITH placed AS (
    SELECT * FROM care
    WHERE kind = 'ACT' AND latitude IS NOT NULL AND longitude IS NOT NULL
      AND provider_kind NOT IN ('LABORATORY', 'PHARMACY')
), pairs AS (
    SELECT a.provider, a.member, b.provider AS other, a.claim, a.line, a.submitted_day, a.care_date,
           111.2 * sqrt(
               (a.latitude - b.latitude) * (a.latitude - b.latitude)
               + cos(radians(a.latitude)) * cos(radians(a.latitude))
               * (a.longitude - b.longitude) * (a.longitude - b.longitude)) AS km,
           abs(extract(epoch FROM a.started_at - b.started_at)) / 3600.0 AS hours
    FROM placed a
    JOIN placed b ON b.member = a.member AND b.care_date = a.care_date AND b.practice <> a.practice
     AND (b.submitted_at < a.submitted_at OR b.submitted_at = a.submitted_at AND b.claim < a.claim)
    WHERE a.submitted_day BETWEEN $since AND $until
)
SELECT provider, member, min(other) AS other, claim, line, submitted_day AS day,
       least(1.0, 0.5 * max(km) / $km) AS strength, max(km) AS observed, $km AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"care_date":"' || care_date || '","km":' || CAST(max(km) AS INTEGER) || '}' AS evidence
FROM pairs
WHERE km > $km OR km > $near AND hours IS NOT NULL AND km > $km_h * hours
GROUP BY provider, member, claim, line, submitted_day, care_date
"""
