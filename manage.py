#!/usr/bin/env python
"""Command-line entrance of Waraqa."""

import os
import sys


def main() -> None:
    settings = "production" if os.environ.get("DEBUG") == "0" else "dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{settings}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
