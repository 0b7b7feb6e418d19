"""The twelve invariants: a sentence, and one query that gives the key of every row that breaks it.

A query gives one column, `key`: record keys and names of tables, never a person's data. Its
parameters are those of `config.invariants.parameters`: what the code and the law say; `{present}` is
the key and the state of every row that has one. Source of the list: docs/reliability.md.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must always be true; `sql` selects what breaks it."""

    id: str
    sentence: str | Promise
    sql: str


I1 = Invariant(
    "I1",
    _("Une demande n’est payée qu’une fois."),
    """
    SELECT carried.claim_id::text AS key
      FROM payments_orderclaim carried
      JOIN payments_paymentorder ordered ON ordered.id = carried.order_id
     WHERE carried.is_live OR ordered.state = 'PAID'
     GROUP BY carried.claim_id HAVING count(*) > 1
    UNION ALL
    SELECT kind || ' ' || source_id FROM payments_posting
     GROUP BY kind, source_id HAVING count(*) > 1
    """,
)

I2 = Invariant(
    "I2",
    _("Chaque écriture du grand livre a deux côtés égaux."),
    """
    SELECT posting_id::text AS key FROM payments_ledgerentry
     GROUP BY posting_id
    HAVING count(*) < 2
        OR sum(CASE side WHEN 'DEBIT' THEN amount_centimes ELSE -amount_centimes END) <> 0
    UNION ALL
    SELECT id::text FROM payments_posting posting
     WHERE NOT EXISTS (SELECT FROM payments_ledgerentry entry WHERE entry.posting_id = posting.id)
    UNION ALL
    SELECT DISTINCT posting_id::text FROM payments_ledgerentry entry
     WHERE NOT EXISTS (SELECT FROM payments_posting posting WHERE posting.id = entry.posting_id)
    """,
)

I3 = Invariant(
    "I3",
    _("Ce qui est payé est positif et ne dépasse pas ce qui est accordé."),
    """
    SELECT carried.claim_id::text AS key
      FROM payments_orderclaim carried
      JOIN payments_paymentorder ordered ON ordered.id = carried.order_id
      JOIN claims_claim c ON c.id = carried.claim_id
     WHERE (carried.is_live OR ordered.state = 'PAID')
       AND NOT (carried.amount_centimes > 0 AND carried.amount_centimes <= c.reimbursed_centimes)
    UNION
    SELECT claim_id::text FROM payments_ledgerentry
     WHERE account IN ('BENEFITS', 'BANK', 'RECEIVABLE') AND claim_id IS NOT NULL
     GROUP BY claim_id
    HAVING sum(CASE side WHEN 'DEBIT' THEN amount_centimes ELSE -amount_centimes END) < 0
    """,
)

I4 = Invariant(
    "I4",
    _("Aucune table à ajout seul, aucune de ses partitions, n’a perdu son verrou."),
    """
    WITH RECURSIVE kept AS (
        SELECT to_regclass(name)::oid AS oid
          FROM jsonb_array_elements_text(%(append_only)s::jsonb) AS name
         UNION ALL
        SELECT inhrelid FROM kept JOIN pg_inherits ON inhparent = kept.oid
    )
    SELECT kept.oid::regclass || ' ' || lock AS key
      FROM kept CROSS JOIN (VALUES ('no_change'), ('no_truncate')) AS locks (lock)
     WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = kept.oid AND tgname = lock
                          AND tgenabled IN ('O', 'A'))
    """,
)

# By balance and not by time: the rows of one subject form a path from '' to the state it is in, so each
# state is entered once more than it is left if it is the present one, and as often if it is not. The
# clocks of two machines, or of a drill, may differ; the path does not depend on them.
I5 = Invariant(
    "I5",
    _("Tout état a été atteint par un chemin permis, sans trou."),
    """
    WITH present (machine, subject_id, state) AS (
        {present}
    ), steps (machine, subject_id, state, n) AS (
        SELECT machine, subject_id, to_state, 1 FROM core_transition
        UNION ALL
        SELECT machine, subject_id, from_state, -1 FROM core_transition WHERE from_state <> ''
        UNION ALL
        SELECT machine, subject_id, state, -1 FROM present
    )
    SELECT DISTINCT machine || ' ' || subject_id AS key FROM (
        SELECT machine, subject_id FROM steps
         WHERE machine IN (SELECT DISTINCT machine FROM present)
         GROUP BY machine, subject_id, state HAVING sum(n) <> 0
        UNION ALL
        SELECT machine, subject_id FROM core_transition moved
         WHERE NOT EXISTS (
               SELECT FROM jsonb_to_recordset(%(edges)s::jsonb)
                        AS edge (machine text, from_state text, to_state text)
                WHERE edge.machine = moved.machine AND edge.from_state = moved.from_state
                  AND edge.to_state = moved.to_state)
    ) AS broken
    """,
)

I6 = Invariant(
    "I6",
    _("Bordereau, virements, grand livre et fichier de banque portent la même somme."),
    """
    SELECT ordered.reference AS key
      FROM payments_paymentorder ordered
      LEFT JOIN payments_orderclaim carried ON carried.order_id = ordered.id
     GROUP BY ordered.id
    HAVING coalesce(sum(carried.amount_centimes - carried.recovered_centimes), 0)
        <> ordered.amount_centimes
    UNION ALL
    SELECT batch.number
      FROM payments_paymentbatch batch
      LEFT JOIN payments_paymentorder ordered ON ordered.batch_id = batch.id
     GROUP BY batch.id
    HAVING coalesce(sum(ordered.amount_centimes), 0) <> batch.control_sum_centimes
        OR count(ordered.id) FILTER (WHERE ordered.amount_centimes > 0) <> batch.order_count
        OR (batch.exported_at IS NULL) <> (batch.file_hash = '')
    UNION ALL
    SELECT ordered.reference || ' ' || coalesce(posted.kind, 'SENT')
      FROM payments_paymentorder ordered
      JOIN (VALUES ('SENT', '{SENT,PAID,RETURNED}'::text[]), ('PAID', '{PAID}'),
                   ('RETURNED', '{RETURNED}')) AS posted (kind, states)
        ON ordered.state = ANY (posted.states)
      LEFT JOIN payments_ledgerentry entry
        ON entry.order_id = ordered.id AND entry.side = 'DEBIT'
       AND EXISTS (SELECT FROM payments_posting posting
                    WHERE posting.id = entry.posting_id AND posting.kind = posted.kind)
     GROUP BY ordered.id, posted.kind
    HAVING coalesce(sum(entry.amount_centimes), 0) <> ordered.amount_centimes
    UNION ALL
    SELECT carried.claim_id::text
      FROM payments_orderclaim carried
      JOIN payments_paymentorder ordered ON ordered.id = carried.order_id
      LEFT JOIN payments_recovery kept ON kept.order_claim_id = carried.id AND kept.is_live
       AND NOT kept.came_back
     WHERE ordered.state <> 'CANCELLED'
     GROUP BY carried.id
    HAVING coalesce(sum(kept.amount_centimes), 0) <> carried.recovered_centimes
    UNION ALL
    SELECT debt.id::text
      FROM payments_undueamount debt
      LEFT JOIN payments_recovery kept ON kept.undue_id = debt.id AND kept.is_live
     GROUP BY debt.id
    HAVING coalesce(sum(kept.amount_centimes), 0) <> debt.recovered_centimes
    UNION ALL
    SELECT 'RECEIVABLE'
     WHERE (SELECT coalesce(sum(CASE side WHEN 'DEBIT' THEN amount_centimes
                                          ELSE -amount_centimes END), 0)
              FROM payments_ledgerentry WHERE account = 'RECEIVABLE')
        <> (SELECT coalesce(sum(amount_centimes - recovered_centimes), 0)
              FROM payments_undueamount WHERE state <> 'CANCELLED')
    """,
)

# A claim refused or withdrawn uses nothing up. A line is held against those decided no later than itself:
# care filed late may be older than what was paid before it, and the ceiling is counted in the window
# that ends on its own care day. What is paid as shown without network may pass a ceiling: its rows say so.
I7 = Invariant(
    "I7",
    _("Aucun plafond, aucune entente préalable n’est dépassé."),
    """
    WITH effective AS (
        SELECT line.id, d.decided_at, line.care_date, act.ceiling, lined.reimbursed_centimes,
               c.patient_id
          FROM claims_claimline line
          JOIN claims_act act ON act.id = line.act_id AND act.ceiling <> ''
          JOIN claims_claim c ON c.id = line.claim_id
          JOIN claims_decision d ON d.claim_id = c.id AND d.n = c.decision_n
          JOIN claims_linedecision lined
            ON lined.decision_id = d.id AND lined.position = line.position AND lined.at = d.decided_at
         WHERE NOT lined.is_denied AND c.state NOT IN ('DENIED', 'CANCELLED', 'REVERSED')
           AND NOT EXISTS (SELECT FROM claims_shownamount seen
                            WHERE seen.claim_id = c.id AND seen.is_honoured)
    )
    SELECT DISTINCT line.id::text AS key
      FROM effective line
      JOIN jsonb_to_recordset(%(ceilings)s::jsonb)
           AS rule (name text, first_day date, last_day date, amount bigint, months int)
        ON rule.name = line.ceiling AND line.care_date >= rule.first_day
       AND line.care_date <= rule.last_day
      JOIN effective earlier
        ON earlier.patient_id = line.patient_id AND earlier.ceiling = line.ceiling
       AND earlier.decided_at <= line.decided_at AND earlier.care_date <= line.care_date
       AND (earlier.care_date + make_interval(months => rule.months))::date > line.care_date
     GROUP BY line.id, line.care_date, rule.amount
    HAVING sum(earlier.reimbursed_centimes) > rule.amount
       AND bool_or(earlier.id <> line.id OR earlier.reimbursed_centimes > rule.amount)
    UNION ALL
    SELECT approval.id::text
      FROM claims_priorapproval approval
      JOIN claims_counteduse used ON used.approval_id = approval.id
      JOIN claims_claim c ON c.id = used.claim_id AND c.decision_n = used.n
     WHERE c.state NOT IN ('DENIED', 'CANCELLED', 'REVERSED')
     GROUP BY approval.id HAVING sum(used.amount) > approval.quantity
    """,
)

I8 = Invariant(
    "I8",
    _("Chaque état qui prévient quelqu’un a écrit son message, un pour un."),
    """
    WITH events AS (
        SELECT * FROM jsonb_to_recordset(%(events)s::jsonb)
                   AS event (machine text, state text, kind text, subscriber text)
    ), entered AS (
        SELECT moved.subject_id, event.kind, event.subscriber, count(*) AS n
          FROM core_transition moved
          JOIN events event ON event.machine = moved.machine AND event.state = moved.to_state
         GROUP BY 1, 2, 3
    ), written AS (
        SELECT unnest(subject_ids) AS subject_id, kind, subscriber, count(*) AS n
          FROM core_outboxmessage
         WHERE (kind, subscriber) IN (SELECT kind, subscriber FROM events)
         GROUP BY 1, 2, 3
    )
    SELECT subject_id || ' ' || kind AS key
      FROM entered FULL JOIN written USING (subject_id, kind, subscriber)
     WHERE entered.n IS DISTINCT FROM written.n
    """,
)

I9 = Invariant(
    "I9",
    _("Chaque accusé de réception a exactement une demande, avec la même empreinte."),
    """
    SELECT call.id::text AS key
      FROM core_idempotentcall call
     WHERE call.status = 0
        OR (call.status = 201 AND call.answer ? 'decision' AND 1 <> (
               SELECT count(*) FROM claims_claim c
                 JOIN claims_claimdocument signed ON signed.claim_id = c.id
                WHERE c.id = (call.answer ->> 'id')::uuid
                  AND signed.document_hash = call.answer ->> 'document_hash'))
    """,
)

I10 = Invariant(
    "I10",
    _("On n’a jamais délivré plus que prescrit."),
    """
    SELECT item.id::text AS key
      FROM prescriptions_prescribeditem item
      LEFT JOIN (prescriptions_dispenseditem handed JOIN prescriptions_dispensing dispensing
                 ON dispensing.id = handed.dispensing_id
                AND dispensing.state IN ('HANDED_OVER', 'DISPUTED'))
             ON handed.item_id = item.id
     GROUP BY item.id
    HAVING coalesce(sum(handed.boxes - handed.boxes_beyond), 0) <> item.boxes_dispensed
        OR coalesce(sum(handed.boxes - handed.boxes_beyond), 0) > item.boxes
    """,
)

I11 = Invariant(
    "I11",
    _("Une ordonnance n’est tenue que par une pharmacie à la fois."),
    """
    WITH deeds (prescription, at, id, deed, inpe) AS (
        SELECT subject_id, at, id, action, after ->> 'provider' FROM core_auditevent
         WHERE action IN ('prescriptions.custody.taken', 'prescriptions.custody.released')
        UNION ALL
        SELECT handed.prescription_id::text, handed.received_at, handed.id, 'dispensed', pharmacy.inpe
          FROM prescriptions_dispensing handed
          JOIN providers_provider pharmacy ON pharmacy.id = handed.pharmacy_id
    ), paired AS (
        SELECT deed, inpe, prescription, at,
               lag(deed) OVER before AS last_deed, lag(inpe) OVER before AS holder,
               lag(at) OVER before AS since
          FROM deeds WINDOW before AS (PARTITION BY prescription ORDER BY at, id)
    )
    SELECT DISTINCT prescription AS key FROM paired
     WHERE last_deed = 'prescriptions.custody.taken' AND deed <> 'prescriptions.custody.released'
       AND inpe <> holder AND at < since + make_interval(mins => %(custody_minutes)s)
    """,
)

I12 = Invariant(
    "I12",
    _("Aucune demande n’attend dans un état plus longtemps que sa limite."),
    """
    SELECT c.id::text AS key
      FROM claims_claim c
      JOIN jsonb_each_text(%(limits)s::jsonb) AS bound (state, days) ON bound.state = c.state
     WHERE %(at)s > make_interval(days => bound.days::int) + (
           SELECT max(moved.at) FROM core_transition moved WHERE moved.subject_id = c.id)
    """,
)

INVARIANTS = (I1, I2, I3, I4, I5, I6, I7, I8, I9, I10, I11, I12)
