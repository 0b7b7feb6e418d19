"""Who listens to which event: the only place where things flow upward."""

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "claims.claim.adjudicated": ("fraud.services.screen_claims",),
    "claims.claim.approved": ("payments.services.post_approved_claims",),
    "fraud.case.recovery_decided": ("config.recoveries.ask_recoveries",),
    "sync.handover.doubled": ("fraud.services.note_double_handovers",),
    # Kept, then settled at once in the request; this is what takes it up after a crash.
    "sync.envelope.received": ("sync.services.settle_received",),
}
