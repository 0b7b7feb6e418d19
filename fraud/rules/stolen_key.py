"""STOLEN_KEY: la clé d'un professionnel qui sert ailleurs.

Voit : (a) un poste nouveau chez un professionnel, dont les demandes viennent de personnes habitant bien
plus loin que sa patientèle ; (b) un poste qui signe pour deux cabinets ; (c) des ordonnances d'un
prescripteur pour des personnes qu'il n'a pas vues et qui habitent loin, en nombre soudain.
Seuils : à confirmer. Source : règles 27 et 30 du catalogue.
Ne fait jamais : refuser ; un déménagement, un remplacement ou un centre de référence l'expliquent.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="STOLEN_KEY",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claims.device", "prescriptions.prescriber", "providers.latitude"),
    vital=("members.latitude", "members.longitude"),
)

KM = """111.2 * sqrt(
               (p.latitude - m.latitude) * (p.latitude - m.latitude)
               + cos(radians(p.latitude)) * cos(radians(p.latitude))
               * (p.longitude - m.longitude) * (p.longitude - m.longitude))"""
SQL = f"""
WITH moved AS (
    SELECT device FROM care WHERE device IS NOT NULL AND submitted_day <= $until
    GROUP BY device HAVING min(practice) <> max(practice)
), used AS (
    SELECT device, provider, min(practice) AS practice, count(DISTINCT claim) AS n,
           min(submitted_day) AS first_day, max(submitted_day) AS last_day
    FROM care WHERE device IN (SELECT device FROM moved) AND submitted_day <= $until
    GROUP BY device, provider
), shared AS (
    SELECT a.provider, b.provider AS other, a.n
    FROM used a JOIN used b ON b.device = a.device AND b.practice <> a.practice
    WHERE a.last_day > $until - $days AND b.n >= a.n AND a.n >= $least
), far_signers AS (
    SELECT r.prescriber AS provider
    FROM prescriptions r
    JOIN providers p ON p.inpe = r.prescriber
    JOIN members m ON m.member = r.member
    WHERE r.signed_at >= CAST($until - $days + 1 AS TIMESTAMPTZ)
      AND r.signed_at < CAST($until + 1 AS TIMESTAMPTZ) AND {KM} > $km
    GROUP BY r.prescriber HAVING count(*) >= $least
), seen AS (
    SELECT DISTINCT l.provider, l.member FROM links l
    WHERE l.provider IN (SELECT provider FROM far_signers)
), judged AS (
    SELECT r.prescriber AS provider,
           r.signed_at >= CAST($until - $days + 1 AS TIMESTAMPTZ) AS is_now,
           CASE WHEN s.member IS NULL AND {KM} > $km THEN 1 ELSE 0 END AS strange
    FROM prescriptions r
    JOIN providers p ON p.inpe = r.prescriber
    JOIN members m ON m.member = r.member
    LEFT JOIN seen s ON s.provider = r.prescriber AND s.member = r.member
    WHERE r.prescriber IN (SELECT provider FROM far_signers)
      AND r.signed_at >= CAST($until - $look_back AS TIMESTAMPTZ)
      AND r.signed_at < CAST($until + 1 AS TIMESTAMPTZ)
), strangers AS (
    SELECT provider, sum(strange) FILTER (WHERE is_now) AS now,
           count(*) FILTER (WHERE is_now) AS now_all,
           sum(strange) FILTER (WHERE NOT is_now) AS before,
           count(*) FILTER (WHERE NOT is_now) AS before_all
    FROM judged GROUP BY provider
), found AS (
    SELECT provider, min(other) AS other, max(n) AS n, 'DEVICE' AS how FROM shared GROUP BY provider
    UNION ALL
    SELECT provider, CAST(NULL AS TEXT), now, 'STRANGERS' FROM strangers
    WHERE now >= $least
      AND 1.0 * now / now_all > $times * (coalesce(before, 0) + 1.0) / (before_all + 10.0)
)
SELECT provider, CAST(NULL AS TEXT) AS member, other, CAST(NULL AS TEXT) AS claim,
       CAST(NULL AS TEXT) AS line, $until AS day, least(1.0, 0.75 * n / $least) AS strength,
       n AS observed, $least AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{{"how":"' || how || '","n":' || n || '}}' AS evidence
FROM found
"""
