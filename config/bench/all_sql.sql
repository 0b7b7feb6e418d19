-- Settlement of a list of claims in SQL alone: the twelve steps of docs/adjudication.md as sets.
--
-- Every figure of the law comes from the tables bench.law*, filled from the same YAML. What has an order
-- (frequency, ceiling) is walked line by line of a person, all persons at once. Packed facts and steps
-- are replaced by as many bytes of filler: the work of packing them is a gift to this side.
--
-- Not needed by the data, and left out: several approvals of one act for one person, a quantity above one
-- on an act that needs an approval, lines of several providers in one claim.

-- taken: the claims, in the order they were received
INSERT INTO pg_temp.taken
SELECT claim.id, {new_key}, claim.insured_id, claim.patient_id, claim.received_date,
       claim.treatment_end_date, claim.excused, claim.decision_n, claim.received_at,
       claim.provider_id
FROM claims_claim claim
JOIN claims_waitingclaim waiting ON waiting.claim_id = claim.id AND waiting.state = 'SUBMITTED'
WHERE claim.id = ANY(%(claims)s);

-- judged: steps 1 to 8 and 10, each line by itself or within its claim
INSERT INTO pg_temp.judged
WITH line AS MATERIALIZED (
    SELECT line.id, line.claim_id, line.position, line.quantity, line.charged_centimes AS charged,
           line.care_date, line.illness_code, line.provider_id, line.insured_id, line.patient_id,
           line.act_id, line.medicine_id, taken.received_at,
           min(line.care_date) OVER (PARTITION BY line.claim_id) AS first_day
    FROM claims_claimline line
    JOIN pg_temp.taken ON taken.claim_id = line.claim_id
),
late AS (
    SELECT DISTINCT ON (taken.claim_id) taken.claim_id, rights.scheme,
           NOT taken.excused AND taken.received_date > CASE
               WHEN taken.treatment_end_date IS NULL
               THEN (line.first_day + make_interval(months => law.filing_months))::date
               ELSE taken.treatment_end_date + law.continuous_treatment_days
           END AS is_late
    FROM line
    JOIN pg_temp.taken ON taken.claim_id = line.claim_id
    CROSS JOIN bench.law
    LEFT JOIN insured_entitlement rights ON rights.insured_id = line.insured_id
    ORDER BY taken.claim_id, rights.period @> line.first_day DESC NULLS LAST, rights.period DESC
),
covered AS (
    SELECT DISTINCT line.id
    FROM line
    JOIN insured_entitlement rights
      ON rights.insured_id = line.insured_id AND rights.period @> line.care_date
),
ill AS (
    SELECT line.id, max(illness.rate_bp) AS rate
    FROM line
    JOIN insured_longtermillness illness
      ON illness.person_id = line.patient_id AND illness.code = line.illness_code
     AND illness.period @> line.care_date
    WHERE line.illness_code <> ''
    GROUP BY line.id
),
agreed AS (
    SELECT DISTINCT line.id
    FROM line
    JOIN providers_agreementperiod agreement
      ON agreement.provider_id = line.provider_id AND agreement.period @> line.care_date
),
known AS (
    SELECT line.*, late.is_late, late.scheme, covered.id IS NOT NULL AS has_rights,
           agreed.id IS NOT NULL AS is_agreed, ill.rate AS illness_rate, provider.sector,
           person.relation = 'CHILD' AND NOT person.disabled
               AND (extract(year FROM line.care_date)::int - CASE
                        WHEN person.student AND NOT person.married
                        THEN law.age_student ELSE law.age_child END,
                    extract(month FROM line.care_date)::int, extract(day FROM line.care_date)::int)
                >= (extract(year FROM person.birth_date)::int,
                    extract(month FROM person.birth_date)::int,
                    extract(day FROM person.birth_date)::int) AS is_too_old,
           act.code, act.letter, act.needs_prior_approval, act.ceiling, act.frequency,
           coalesce(act.covered, price.list_rate_bp <> 0) AS is_covered,
           price.list_rate_bp, coalesce(price.base_price_centimes < price.public_price_centimes,
                                        false) AS is_generic,
           CASE
               WHEN line.medicine_id IS NOT NULL THEN price.base_price_centimes * line.quantity
               WHEN act.flat_tariff_centimes IS NOT NULL
               THEN act.flat_tariff_centimes * line.quantity
               ELSE (2 * letter.value * act.coefficient_hundredths * line.quantity + 100) / 200
           END AS tariff
    FROM line
    JOIN late ON late.claim_id = line.claim_id
    JOIN insured_person person ON person.id = line.patient_id
    JOIN providers_provider provider ON provider.id = line.provider_id
    CROSS JOIN bench.law
    LEFT JOIN covered ON covered.id = line.id
    LEFT JOIN agreed ON agreed.id = line.id
    LEFT JOIN ill ON ill.id = line.id
    LEFT JOIN claims_act act ON act.id = line.act_id
    LEFT JOIN bench.law_letter letter
      ON letter.letter = act.letter AND letter.sector = provider.sector
     AND letter.period @> line.care_date
    LEFT JOIN prescriptions_medicineprice price
      ON price.medicine_id = line.medicine_id AND price.period @> line.care_date
),
-- steps 1 to 6
priced AS (
    SELECT known.*, CASE
        WHEN is_late THEN 'FILED_LATE'
        WHEN NOT has_rights THEN 'RIGHTS_CLOSED'
        WHEN is_too_old THEN 'DEPENDANT_TOO_OLD'
        WHEN NOT is_agreed THEN 'PROVIDER_NOT_AGREED'
        WHEN NOT is_covered THEN 'NOT_COVERED'
        WHEN tariff IS NULL THEN 'NO_TARIFF'
    END AS stopped
    FROM known
),
-- step 8: approvals are taken in the order of the claims, then of the care days
approved AS (
    SELECT wanting.id, approval.id AS approval_id,
           coalesce(row_number() OVER (
               PARTITION BY approval.id
               ORDER BY wanting.received_at, wanting.claim_id, wanting.care_date, wanting.position
           ) <= approval.quantity - (
               SELECT coalesce(sum(used.amount), 0)
               FROM claims_counteduse used
               JOIN claims_claim claim ON claim.id = used.claim_id
               WHERE used.patient_id = wanting.patient_id AND used.approval_id = approval.id
                 AND used.n = claim.decision_n AND claim.state NOT IN ('DENIED', 'CANCELLED')
           ), false) AS is_there
    FROM priced wanting
    LEFT JOIN claims_priorapproval approval
      ON approval.patient_id = wanting.patient_id AND approval.act_code = wanting.code
     AND approval.period @> wanting.care_date
    WHERE wanting.needs_prior_approval AND wanting.stopped IS NULL
),
-- step 7: acts taken together, the highest tariff first
ranked AS (
    SELECT priced.id, row_number() OVER (
        PARTITION BY priced.claim_id, priced.provider_id, priced.care_date
        ORDER BY priced.tariff DESC, priced.position) AS rank
    FROM priced
    CROSS JOIN bench.law
    LEFT JOIN approved ON approved.id = priced.id
    WHERE priced.stopped IS NULL AND coalesce(approved.is_there, true)
      AND priced.quantity = 1 AND priced.letter = ANY(law.accumulated)
),
reduced AS (
    SELECT priced.*, approved.approval_id, approved.is_there, factor.bp AS factor,
           CASE WHEN factor.bp BETWEEN 1 AND 9999
                THEN (2 * priced.tariff * factor.bp + 10000) / 20000 ELSE priced.tariff
           END AS counted,
           CASE
               WHEN priced.stopped IS NOT NULL THEN priced.stopped
               WHEN approved.is_there = false THEN 'PRIOR_APPROVAL_MISSING'
               WHEN factor.bp = 0 THEN 'FURTHER_ACT_NOT_BILLED'
           END AS denial
    FROM priced
    CROSS JOIN bench.law
    LEFT JOIN approved ON approved.id = priced.id
    LEFT JOIN ranked ON ranked.id = priced.id
    CROSS JOIN LATERAL (
        SELECT CASE ranked.rank WHEN 1 THEN law.factor_first WHEN 2 THEN law.factor_second
               ELSE CASE WHEN ranked.rank IS NOT NULL THEN law.factor_further END END AS bp
    ) factor
),
-- step 10
rated AS (
    SELECT reduced.*, least(counted, charged) AS base, greatest(
        CASE WHEN medicine_id IS NULL THEN law.rate_standard ELSE list_rate_bp END,
        illness_rate,
        CASE WHEN illness_rate IS NOT NULL AND sector = 'PUBLIC' THEN law.rate_illness_public END,
        CASE WHEN sector = 'PUBLIC' AND scheme = 'TADAMON' THEN law.rate_tadamon_public END
    ) AS rate
    FROM reduced
    CROSS JOIN bench.law
)
SELECT id, claim_id, position, insured_id, patient_id, provider_id, care_date, quantity, charged,
       received_at, letter, ceiling, frequency,
       CASE WHEN is_there THEN approval_id END,
       CASE WHEN stopped IS NULL THEN CASE WHEN denial IS NULL THEN counted ELSE tariff END
            WHEN stopped = 'NO_TARIFF' THEN 0 ELSE 0 END,
       base, rate, (2 * base * rate + 10000) / 20000, denial,
       CASE WHEN factor BETWEEN 1 AND 9999 THEN 'SECOND_ACT_HALVED' END,
       CASE WHEN charged > counted
            THEN CASE WHEN is_generic THEN 'GENERIC_BASE' ELSE 'PRICE_CAPPED' END END,
       NULL, tariff
FROM rated;

-- step 9: frequency, one line of a person after the other
WITH RECURSIVE line AS (
    SELECT judged.id, judged.patient_id, judged.frequency, judged.care_date, rule.uses_allowed,
           rule.months, row_number() OVER (
               PARTITION BY judged.patient_id, judged.frequency
               ORDER BY judged.received_at, judged.claim_id, judged.care_date, judged.position
           ) AS turn,
           (SELECT count(*)
            FROM claims_counteduse used
            JOIN claims_claim claim ON claim.id = used.claim_id
            WHERE used.patient_id = judged.patient_id AND used.kind = 'FREQUENCY'
              AND used.name = judged.frequency AND used.n = claim.decision_n
              AND claim.state NOT IN ('DENIED', 'CANCELLED') AND used.care_date <= judged.care_date
              AND (used.care_date + make_interval(months => rule.months))::date > judged.care_date
           ) AS earlier
    FROM pg_temp.judged
    JOIN insured_person person ON person.id = judged.patient_id
    CROSS JOIN bench.law
    JOIN bench.law_frequency rule
      ON rule.name = judged.frequency
     AND rule.minor = ((person.birth_date + make_interval(years => law.age_majority))::date
                       > judged.care_date)
    WHERE judged.frequency <> '' AND judged.denial IS NULL
),
walk AS (
    SELECT line.*, earlier < uses_allowed AS is_paid,
           CASE WHEN earlier < uses_allowed THEN ARRAY[care_date] ELSE ARRAY[]::date[] END AS days
    FROM line WHERE turn = 1
    UNION ALL
    SELECT line.*, count.is_paid,
           CASE WHEN count.is_paid THEN walk.days || line.care_date ELSE walk.days END
    FROM walk
    JOIN line ON line.patient_id = walk.patient_id AND line.frequency = walk.frequency
             AND line.turn = walk.turn + 1
    CROSS JOIN LATERAL (
        SELECT line.earlier + count(*) < line.uses_allowed AS is_paid
        FROM unnest(walk.days) AS day
        WHERE day <= line.care_date
          AND (day + make_interval(months => line.months))::date > line.care_date
    ) count
)
UPDATE pg_temp.judged SET denial = 'FREQUENCY_EXCEEDED'
FROM walk WHERE walk.id = judged.id AND NOT walk.is_paid;

-- step 11: ceiling, one line of a person after the other
WITH RECURSIVE line AS (
    SELECT judged.id, judged.patient_id, judged.ceiling, judged.care_date, judged.reimbursed,
           rule.months, row_number() OVER (
               PARTITION BY judged.patient_id, judged.ceiling
               ORDER BY judged.received_at, judged.claim_id, judged.care_date, judged.position
           ) AS turn,
           rule.centimes - (
               SELECT coalesce(sum(used.amount), 0)::bigint
               FROM claims_counteduse used
               JOIN claims_claim claim ON claim.id = used.claim_id
               WHERE used.patient_id = judged.patient_id AND used.kind = 'CEILING'
                 AND used.name = judged.ceiling AND used.n = claim.decision_n
                 AND claim.state NOT IN ('DENIED', 'CANCELLED')
                 AND used.care_date <= judged.care_date
                 AND (used.care_date + make_interval(months => rule.months))::date
                     > judged.care_date
           ) AS room
    FROM pg_temp.judged
    JOIN bench.law_ceiling rule ON rule.name = judged.ceiling
    WHERE judged.ceiling <> '' AND judged.denial IS NULL
),
walk AS (
    SELECT line.*, least(reimbursed, greatest(0, room)) AS paid, ARRAY[care_date] AS days,
           ARRAY[least(reimbursed, greatest(0, room))] AS amounts
    FROM line WHERE turn = 1
    UNION ALL
    SELECT line.*, pay.paid, walk.days || line.care_date, walk.amounts || pay.paid
    FROM walk
    JOIN line ON line.patient_id = walk.patient_id AND line.ceiling = walk.ceiling
             AND line.turn = walk.turn + 1
    CROSS JOIN LATERAL (
        SELECT least(line.reimbursed,
                     greatest(0, line.room - coalesce(sum(earlier.amount), 0)::bigint)) AS paid
        FROM unnest(walk.days, walk.amounts) AS earlier (day, amount)
        WHERE earlier.day <= line.care_date
          AND (earlier.day + make_interval(months => line.months))::date > line.care_date
    ) pay
)
UPDATE pg_temp.judged
SET reimbursed = walk.paid,
    at_ceiling = CASE WHEN walk.paid < walk.reimbursed THEN 'CEILING_REACHED' END
FROM walk WHERE walk.id = judged.id;

-- a line denied keeps nothing but the tariff of step 6
UPDATE pg_temp.judged
SET base = 0, rate = 0, reimbursed = 0, halved = NULL, capped = NULL, at_ceiling = NULL,
    tariff = CASE WHEN denial IN ('PRIOR_APPROVAL_MISSING', 'FURTHER_ACT_NOT_BILLED',
                                  'FREQUENCY_EXCEEDED') THEN full_tariff ELSE 0 END
WHERE denial IS NOT NULL;

-- outcome of each claim
INSERT INTO pg_temp.outcome
SELECT taken.claim_id, taken.decision_id, taken.insured_id, taken.decision_n + 1,
       CASE WHEN sum(judged.reimbursed) = 0 THEN 'denied'
            WHEN bool_or(judged.denial IS NOT NULL OR judged.halved IS NOT NULL
                         OR judged.at_ceiling IS NOT NULL) THEN 'partly_approved'
            ELSE 'approved' END,
       bool_or(coalesce(judged.denial = 'NO_TARIFF', false)), sum(judged.charged),
       sum(judged.reimbursed), count(*)
FROM pg_temp.taken
JOIN pg_temp.judged ON judged.claim_id = taken.claim_id
GROUP BY taken.claim_id, taken.decision_id, taken.insured_id, taken.decision_n;

INSERT INTO claims_decision
    (id, claim_id, insured_id, n, outcome, needs_review, charged_centimes, reimbursed_centimes,
     insured_share_centimes, law_id, facts, decided_at, decided_by)
SELECT decision_id, claim_id, insured_id, n, outcome, needs_review, charged, reimbursed,
       charged - reimbursed, %(law)s, repeat('x', %(facts_bytes)s), %(at)s, %(actor)s
FROM pg_temp.outcome;

INSERT INTO claims_linedecision
    (decision_id, position, at, line_id, insured_id, tariff_centimes, base_centimes, rate_bp,
     reimbursed_centimes, insured_share_centimes, reasons, is_denied, steps)
SELECT taken.decision_id, judged.position, %(at)s, judged.id, judged.insured_id, judged.tariff,
       judged.base, judged.rate, judged.reimbursed, judged.charged - judged.reimbursed,
       array_remove(ARRAY[judged.denial, judged.halved, judged.capped, judged.at_ceiling], NULL),
       judged.denial IS NOT NULL, repeat('x', %(steps_bytes)s)
FROM pg_temp.judged
JOIN pg_temp.taken ON taken.claim_id = judged.claim_id
ORDER BY taken.decision_id, judged.position;

INSERT INTO claims_counteduse
    (patient_id, claim_id, n, position, kind, insured_id, name, approval_id, care_date, amount)
SELECT patient_id, judged.claim_id, taken.decision_n + 1, position, use.kind, judged.insured_id,
       use.name, use.approval_id, care_date, use.amount
FROM pg_temp.judged
JOIN pg_temp.taken USING (claim_id, patient_id)
CROSS JOIN LATERAL (
    SELECT 'APPROVAL', '', judged.approval_id, judged.quantity::bigint
    WHERE judged.approval_id IS NOT NULL
    UNION ALL
    SELECT 'FREQUENCY', judged.frequency, NULL, 1
    WHERE judged.frequency <> '' AND judged.denial IS NULL
    UNION ALL
    SELECT 'CEILING', judged.ceiling, NULL, judged.reimbursed
    WHERE judged.ceiling <> '' AND judged.denial IS NULL AND judged.reimbursed > 0
) use (kind, name, approval_id, amount);

UPDATE claims_claim claim
SET decision_n = outcome.n, outcome = outcome.outcome,
    reimbursed_centimes = outcome.reimbursed, state = CASE
        WHEN outcome.needs_review THEN 'IN_REVIEW'
        WHEN outcome.outcome = 'denied' THEN 'DENIED' ELSE 'ADJUDICATED' END
FROM pg_temp.outcome WHERE outcome.claim_id = claim.id;

INSERT INTO core_transition (id, at, machine, subject_id, from_state, to_state, actor, reason)
SELECT {new_key}, %(at)s, 'claim', claim_id, 'SUBMITTED', CASE
    WHEN needs_review THEN 'IN_REVIEW'
    WHEN outcome = 'denied' THEN 'DENIED' ELSE 'ADJUDICATED' END, %(actor)s, ''
FROM pg_temp.outcome;

DELETE FROM claims_waitingclaim waiting USING pg_temp.outcome
WHERE outcome.claim_id = waiting.claim_id AND NOT outcome.needs_review;

UPDATE claims_waitingclaim waiting SET state = 'IN_REVIEW', since = %(at)s, run_id = NULL
FROM pg_temp.outcome WHERE outcome.claim_id = waiting.claim_id AND outcome.needs_review;

INSERT INTO claims_providerday (id, provider_id, day, minutes)
SELECT {new_key}, provider_id, care_date, sum(law_minutes.minutes * quantity)
FROM pg_temp.judged
JOIN bench.law_minutes ON law_minutes.letter = judged.letter
WHERE denial IS NULL AND law_minutes.minutes > 0
GROUP BY provider_id, care_date
ORDER BY provider_id, care_date
ON CONFLICT (provider_id, day)
DO UPDATE SET minutes = claims_providerday.minutes + excluded.minutes;

INSERT INTO core_outboxmessage (id, kind, subscriber, subject_ids, published_at, attempts, last_error)
SELECT {new_key}, 'claims.claim.adjudicated', %(subscriber)s, array_agg(claim_id), %(at)s, 0, ''
FROM (
    SELECT claim_id, row_number() OVER (ORDER BY claim_id) / 500 AS part
    FROM pg_temp.outcome WHERE outcome <> 'denied' AND NOT needs_review
) judged
GROUP BY part;
