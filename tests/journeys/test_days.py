"""The day of a page is the server's, whatever the browser believes of Morocco's time and of its own clock."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests import world

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

DAYS = """async ([address, now, instant]) => {
  const days = await import(address);
  days.takeTime(now);
  return [days.today(), days.dayOf(instant), days.timeOf(instant)];
}"""


def told(page: Page, now: str, instant: str) -> list[str]:
    """What the module of days answers once the server said its time."""
    answer: list[str] = page.evaluate(DAYS, ["/static/js/days.js", now, instant])
    return answer


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "UTC", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("device", "now", "today", "time"),
    [
        # The hour where a browser that has Morocco at UTC+0 is a day behind.
        ("2026-11-22T23:30:00Z", "2026-11-23T00:30:00+01:00", "2026-11-23", "00:30"),
        # Were Morocco at UTC+0, as during Ramadan, the same instant is still the day before.
        ("2026-11-22T23:30:00Z", "2026-11-22T23:30:00+00:00", "2026-11-22", "23:30"),
        # A device whose clock is a day late, then a day early.
        ("2026-11-21T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22", "13:00"),
        ("2026-11-23T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22", "13:00"),
    ],
)
def test_the_day_is_the_server_s(
    browser: Browser, live_server: Any, zone: str, device: str, now: str, today: str, time: str
) -> None:
    context = browser.new_context(base_url=live_server.url, timezone_id=zone)
    page = context.new_page()
    page.goto("/")
    page.clock.set_fixed_time(device)

    assert told(page, now, now) == [today, today, time]
    context.close()


def test_the_practice_s_page_takes_the_time_of_its_session(open_page) -> None:
    doctor = world.practice()
    page = open_page(doctor.user)
    page.clock.set_fixed_time("2026-11-20T10:00:00Z")

    def later(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "now": "2026-12-01T00:10:00+01:00"})

    page.route("**/api/v1/session", later)
    page.goto(reverse("cabinet:write"))

    label = page.locator("#device-label")
    label.wait_for()
    assert "01/12/2026" in label.input_value()
