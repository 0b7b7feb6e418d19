"""What each rule sees in production is what the page says."""

import re

from django.conf import settings

from fraud.rules.catalogue import RULES
from fraud.rules.inputs import NOT_HELD, feed


def test_the_page_says_of_each_rule_what_it_sees() -> None:
    page = (settings.BASE_DIR / "docs" / "fraud-design.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (FED|PARTLY|UNFED) \| (.*?) \|", page, re.MULTILINE)
    said = {rule: sees for sees, names in table for rule in names.split(", ")}
    assert said == {rule.name: feed(rule).value for rule in RULES}
    section = page.partition("## What a night does not see")[2].partition("\n## ")[0]
    assert set(re.findall(r"^- `([\w.]+)`", section, re.MULTILINE)) == set(NOT_HELD)
