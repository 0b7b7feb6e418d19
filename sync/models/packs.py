"""Reference packs: what a device needs to work with no network. No person's data but signing keys."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class Pack(models.Model):
    """One dated pack, as it was sealed: append only, since envelopes name the pack they were made with.

    `manifest` lists the parts with their digests; the contents are in `PackPart`.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    made_at = models.DateTimeField(_("fait le"))
    valid_until = models.DateTimeField(_("valable jusqu’au"))
    manifest = models.JSONField()

    class Meta:
        verbose_name = _("paquet de référence")
        verbose_name_plural = _("paquets de référence")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=models.F("made_at")), name="pack_is_valid_for_a_while"
            )
        ]

    def __str__(self) -> str:
        return str(self.made_at)


class PackPart(models.Model):
    """The bytes of one part, kept once whatever the number of packs that hold them.

    A part may be deleted some time after the last pack that holds it ended (`delays.pack_kept_days`).
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    name = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    compressed = models.BinaryField()

    class Meta:
        verbose_name = _("partie de paquet")
        verbose_name_plural = _("parties de paquets")
        constraints = [
            models.UniqueConstraint(fields=["name", "sha256"], name="one_part_a_content"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="part_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"
