# Each target calls one command of bootstrap/, which first sets up what is missing.
PYTHON ?= python3
ARGS ?=
ONCE ?=
KILLS ?= 200
SEED ?= 1
STEPS ?= 400
BOOTSTRAP = @command -v $(PYTHON) >/dev/null || { echo "Waraqa needs Python 3.11 or newer: $(PYTHON) is not on the PATH."; exit 1; }; exec $(PYTHON) -m bootstrap

.DEFAULT_GOAL := help
.PHONY: help setup demo run screens test drill drill-offline check fix lock

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

setup: ## environment, browser packages, style sheet, translations, secrets
	$(BOOTSTRAP) setup

demo: ## play the scenario from prescription to payment, then serve it (ONCE=1: play it and stop)
	$(BOOTSTRAP) demo $(if $(ONCE),--once)

run: ## serve the site with a worker and a scheduler until Ctrl-C
	$(BOOTSTRAP) run

screens: ## photograph every screen of a demonstration that was played: var/screens/contact-sheet.html
	$(BOOTSTRAP) screens --once

test: ## run every test, a browser included (ARGS="-k word" for some)
	$(BOOTSTRAP) test $(ARGS)

drill: ## kill workers, database and broker under load, then prove that nothing was lost (KILLS=200 SEED=1)
	$(BOOTSTRAP) drill --kills $(KILLS) --seed $(SEED)

drill-offline: ## live a day of bad network in real browsers, then compare the books with what screens promised (STEPS=400 SEED=1)
	$(BOOTSTRAP) drill-offline --steps $(STEPS) --seed $(SEED)

check: ## style, imports between rooms, types, templates, migrations, generated documents
	$(BOOTSTRAP) check

fix: ## put style and format right
	$(BOOTSTRAP) fix

lock: ## write requirements.lock again from pyproject.toml
	$(BOOTSTRAP) lock
