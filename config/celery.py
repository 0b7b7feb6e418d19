"""Celery: the doorbell and the clock. The one table of periodic tasks."""

import os

from celery import Celery
from celery.schedules import crontab

_settings = "production" if os.environ.get("DEBUG") == "0" else "dev"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{_settings}")

app = Celery("waraqa")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # The sweeper: takes what a lost bell left waiting.
    "relay": {"task": "core.tasks.relay", "schedule": 15.0},
    "end-holds": {"task": "fraud.tasks.end_holds", "schedule": 300.0},
    "advance-prescriptions": {
        "task": "prescriptions.tasks.advance_prescriptions",
        "schedule": 60.0,
    },
    # Takes up a measure whose worker was lost.
    "measure-laws": {"task": "claims.tasks.measure_laws", "schedule": 15.0},
    "judge-queue": {"task": "claims.tasks.judge_queue", "schedule": 60.0},
    "settle-account-changes": {"task": "payments.tasks.settle_changes", "schedule": 600.0},
    "list-payment-days": {
        "task": "payments.tasks.list_days_to_prepare",
        "schedule": crontab(hour="8-18", minute=5),
    },
    # Most beats find nothing changed and make nothing.
    "make-pack": {"task": "sync.tasks.make_pack", "schedule": 600.0},
    "create-partitions": {
        "task": "core.tasks.create_partitions",
        "schedule": crontab(hour=3, minute=10),
    },
    "settle-awaiting-prescriptions": {
        "task": "sync.tasks.settle_awaiting",
        "schedule": 60.0,
    },
    "start-fraud-night": {
        "task": "fraud.tasks.start_night",
        "schedule": crontab(hour=2, minute=10),
    },
    # Takes up a night whose worker was lost.
    "work-at-night": {"task": "fraud.tasks.work_at_night", "schedule": 60.0},
    "check-invariants": {
        "task": "config.tasks.check_invariants",
        "schedule": crontab(hour=3, minute=40),
    },
}
