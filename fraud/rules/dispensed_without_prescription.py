"""DISPENSED_WITHOUT_PRESCRIPTION: un médicament délivré sans ordonnance valable.

Voit : aucune ordonnance, ou inconnue ; celle d'une autre personne ; une délivrance avant le jour de la
signature ou après la validité ; un produit qui n'est ni celui de la ligne ni de la même DCI ; plus de
boîtes que la ligne n'en laisse.
Formule : boîtes permises = quantité x (1 + renouvellements), comptées dans l'ordre des jours de délivrance,
puis des dépôts, sur toutes les pharmacies : qui dépose tard n'est pas pris pour qui dépasse. Une répétition
exacte et une ligne qui dépasse à elle seule ne consomment pas le reste. Un produit absent de la liste
officielle n'est pas jugé sur la substitution.
Seuil : un fait. Source : catalogue des contrôles, règle 24 (loi de l'ordonnance électronique).
Ne fait jamais : signaler une délivrance en plusieurs fois dans la limite prescrite.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="DISPENSED_WITHOUT_PRESCRIPTION",
    family=Family.RIGHTS,
    kind=Kind.FACT,
    action=Action.REFUSE,
    level=Level.CLAIM,
    inputs=("claim_lines", "prescriptions", "prescription_lines", "medicines.inn"),
)

SQL = """
WITH handed AS (
    SELECT c.claim, c.line, c.provider, c.member, c.submitted_at, c.submitted_day, c.code, c.inn,
           c.known, c.quantity, c.care_date, c.prescription, c.prescription_line,
           r.prescription AS found, r.member AS prescribed_to,
           CAST(r.signed_at AS DATE) AS signed_day, r.valid_until
    FROM care c LEFT JOIN prescriptions r ON r.prescription = c.prescription
    WHERE c.kind = 'MEDICINE'
      AND coalesce(c.prescription, c.claim) IN (
          SELECT coalesce(prescription, claim) FROM care
          WHERE kind = 'MEDICINE' AND submitted_day BETWEEN $since AND $until)
), lined AS (
    SELECT h.claim, h.line, count(*) AS lines, min(l.line) AS prescribed_line,
           bool_or(l.code = h.code OR upper(trim(lm.inn)) = h.inn OR lm.ean IS NULL OR NOT h.known) AS fits,
           max(l.quantity * (1 + coalesce(l.repeats, 0))) AS allowed
    FROM handed h
    JOIN prescription_lines l ON l.prescription = h.prescription
    LEFT JOIN medicines lm ON lm.ean = l.code
    WHERE l.line = h.prescription_line
       OR h.prescription_line IS NULL AND (l.code = h.code OR upper(trim(lm.inn)) = h.inn)
    GROUP BY h.claim, h.line
), ordered AS (
    SELECT h.*, l.lines, l.fits, l.allowed, l.prescribed_line,
           row_number() OVER (
               PARTITION BY h.prescription, l.prescribed_line, h.provider, h.code, h.care_date,
                            h.quantity
               ORDER BY h.submitted_at, h.claim, h.line) AS turn
    FROM handed h LEFT JOIN lined l ON l.claim = h.claim AND l.line = h.line
), summed AS (
    SELECT ordered.*,
           sum(CASE WHEN quantity <= allowed AND turn = 1 THEN quantity ELSE 0 END) OVER so_far
           AS handed_over,
           -- What came late may be what shows that a later hand-over was too much.
           max(submitted_day) OVER so_far AS shown_day
    FROM ordered
    WINDOW so_far AS (PARTITION BY prescription, prescribed_line
                      ORDER BY care_date, submitted_at, claim, line
                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), judged AS (
    SELECT summed.*,
           CASE WHEN prescription IS NULL THEN 'NONE'
                WHEN found IS NULL THEN 'UNKNOWN'
                WHEN prescribed_to <> member THEN 'OTHER_PERSON'
                WHEN care_date < signed_day THEN 'BEFORE_SIGNATURE'
                WHEN care_date > valid_until THEN 'EXPIRED'
                WHEN lines IS NULL OR NOT fits THEN 'NOT_PRESCRIBED'
                WHEN quantity > allowed OR turn = 1 AND handed_over > allowed THEN 'ABOVE'
           END AS why
    FROM summed
), dated AS (
    SELECT judged.*,
           CASE WHEN why = 'ABOVE' AND quantity <= allowed THEN shown_day ELSE submitted_day END AS day
    FROM judged
)
SELECT provider, member, CAST(NULL AS TEXT) AS other, claim, line, day,
       1.0 AS strength, quantity AS observed, coalesce(allowed, 0) AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"why":"' || why || '","code":"' || code || '","care_date":"' || care_date
       || '","quantity":' || quantity || ',"allowed":' || coalesce(allowed, 0) || '}' AS evidence
FROM dated
WHERE why IS NOT NULL AND day BETWEEN $since AND $until
"""
