"""Who listens to which event: the only place where things flow upward."""

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "claims.claim.adjudicated": ("fraud.services.screen_claims",),
    "claims.claim.approved": ("payments.services.post_approved_claims",),
}
