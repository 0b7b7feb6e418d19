"""What the product holds, as rows of the warehouse: one SELECT a canonical table, in its order of columns.

`since` is null for the whole history; `until` is not included. A claim settled late, from an envelope
received before, is found by its first transition. What the product does not hold is NULL, and named in
fraud/rules/inputs.py.
"""

CHANGED = """
    changed AS MATERIALIZED (
        SELECT c.id, c.provider_id, c.patient_id, c.device_id, c.received_at, c.dispensing_id,
               s.fse_number, d.prescription_id
        FROM claims_claim c
        JOIN claims_caresheet s ON s.id = c.sheet_id
        LEFT JOIN prescriptions_dispensing d ON d.id = c.dispensing_id
        WHERE c.received_date < %(until)s
          AND (%(since)s::date IS NULL OR c.received_date >= %(since)s::date
               OR c.id IN (SELECT subject_id FROM core_transition
                           WHERE machine = 'claim' AND from_state = ''
                             AND at >= %(since_at)s::timestamptz))
          AND c.state <> ALL(%(dead)s)
    ), written AS MATERIALIZED (
        SELECT r.* FROM prescriptions_prescription r
        WHERE r.id IN (SELECT prescription_id FROM changed)
           OR r.received_at < %(until_at)s::timestamptz
              AND (%(since)s::date IS NULL OR r.received_at >= %(since_at)s::timestamptz)
    )"""
# Claims that died since: they take no money.
DEAD = """
    SELECT DISTINCT subject_id::text FROM core_transition
    WHERE machine = 'claim' AND to_state = ANY(%(dead)s) AND at >= %(since_at)s::timestamptz"""

# A place is the commune's, else its province's; a region is too wide to say where somebody works. An
# open period has no last day.
PROVIDERS = """
    SELECT p.id::text, p.kind, p.speciality, p.sector,
           coalesce(t3.name_fr, t2.name_fr, t1.name_fr, ''),
           CASE WHEN t1.kind <> 'REGION' THEN coalesce(
               t1.latitude, CASE WHEN t2.kind <> 'REGION' THEN t2.latitude END) END,
           CASE WHEN t1.kind <> 'REGION' THEN coalesce(
               t1.longitude, CASE WHEN t2.kind <> 'REGION' THEN t2.longitude END) END,
           min(lower(a.period)),
           CASE WHEN NOT bool_or(upper_inf(a.period)) THEN max(upper(a.period)) - 1 END,
           NULL, NULL
    FROM providers_provider p
    LEFT JOIN providers_territory t1 ON t1.id = p.territory_id
    LEFT JOIN providers_territory t2 ON t2.id = t1.parent_id
    LEFT JOIN providers_territory t3 ON t3.id = t2.parent_id
    LEFT JOIN providers_agreementperiod a ON a.provider_id = p.id
    GROUP BY p.id, t1.id, t2.id, t3.id"""
# Those whose row in the register changed come again, with a claim or without.
MEMBERS = """
    SELECT m.id::text, m.insured_id::text, m.sex, m.birth_date, m.death_date, NULL, NULL, NULL,
           (array_agg(e.scheme ORDER BY e.period DESC))[1], min(lower(e.period)),
           CASE WHEN NOT bool_or(upper_inf(e.period)) THEN max(upper(e.period)) - 1 END,
           (SELECT string_agg(DISTINCT coalesce(nullif(k.icd10, ''), i.code), ';')
            FROM insured_longtermillness i LEFT JOIN insured_illness k ON k.code = i.code
            WHERE i.person_id = m.id), NULL
    FROM insured_person m
    LEFT JOIN insured_entitlement e ON e.insured_id = m.insured_id
    WHERE m.id IN (SELECT patient_id FROM changed UNION SELECT patient_id FROM written)
       OR %(since)s::date IS NOT NULL AND (
           m.id IN (SELECT id FROM insured_historicalperson
                    WHERE history_date >= %(since_at)s::timestamptz)
           OR m.id IN (SELECT person_id FROM insured_historicallongtermillness
                       WHERE history_date >= %(since_at)s::timestamptz)
           OR m.insured_id IN (SELECT insured_id FROM insured_historicalentitlement
                               WHERE history_date >= %(since_at)s::timestamptz))
    GROUP BY m.id"""
# The day of writing: one signed with no network, or copied from its code, arrives after it was handed
# over. The last day counts the declared outages it ends in, of whatever zone.
PRESCRIPTIONS = """
    SELECT r.id::text, r.prescriber_id::text, r.patient_id::text,
           r.written_on::timestamp AT TIME ZONE %(zone)s,
           greatest(r.valid_until - 1, (
               SELECT max(coalesce((o.until AT TIME ZONE %(zone)s)::date, %(until)s::date))
                      + %(grace)s::int
               FROM providers_outage o
               WHERE (o.since AT TIME ZONE %(zone)s)::date <= r.valid_until - 1
                 AND (o.until IS NULL
                      OR (o.until AT TIME ZONE %(zone)s)::date >= r.valid_until - 1)))
    FROM written r"""
# Each instance of a repeated prescription is a prescription of its own: a line is not repeated besides.
# Boxes accepted beyond it, handed over in good faith with no network, are allowed.
PRESCRIPTION_LINES = """
    SELECT i.prescription_id::text, i.position::text, coalesce(m.ean, ''),
           i.boxes + coalesce((SELECT sum(d.boxes_beyond) FROM prescriptions_dispenseditem d
                               WHERE d.item_id = i.id), 0), i.duration_days, 0
    FROM prescriptions_prescribeditem i
    LEFT JOIN prescriptions_medicine m ON m.id = i.medicine_id
    WHERE i.kind IN ('MEDICINE', 'INN') AND i.prescription_id IN (SELECT id FROM written)"""
CLAIMS = """
    SELECT id::text, fse_number, provider_id::text, patient_id::text, received_at,
           prescription_id::text, device_id::text
    FROM changed"""
# The days a hand-over covers are its part of the boxes prescribed.
CLAIM_LINES = """
    SELECT l.claim_id::text, l.position::text, l.kind, coalesce(a.code, m.ean),
           coalesce(a.letter, ''), a.coefficient_hundredths / 100.0, l.quantity,
           l.charged_centimes, l.care_date, NULL,
           i.duration_days * least(l.quantity, i.boxes) / i.boxes, i.position::text
    FROM claims_claimline l
    JOIN changed ON changed.id = l.claim_id
    LEFT JOIN claims_act a ON a.id = l.act_id
    LEFT JOIN prescriptions_medicine m ON m.id = l.medicine_id
    LEFT JOIN prescriptions_prescribeditem i
      ON i.prescription_id = changed.prescription_id AND i.position = l.position"""
TABLES: dict[str, str] = {
    "prescriptions": PRESCRIPTIONS,
    "prescription_lines": PRESCRIPTION_LINES,
    "members": MEMBERS,
    "claims": CLAIMS,
    "claim_lines": CLAIM_LINES,
}
MEDICINES = """
    SELECT m.ean, m.inn, m.form, p.public_price_centimes
    FROM prescriptions_medicine m
    LEFT JOIN prescriptions_medicineprice p ON p.medicine_id = m.id AND p.period @> %(until)s::date"""
LETTERS = "SELECT DISTINCT letter FROM claims_act WHERE letter <> ''"
# Who acts for several providers ties them into one practice.
COLLEAGUES = """
    SELECT user_id::text, provider_id::text FROM providers_membership
    WHERE period @> %(until)s::date AND user_id IN (
        SELECT user_id FROM providers_membership WHERE period @> %(until)s::date
        GROUP BY user_id HAVING count(DISTINCT provider_id) > 1)"""
