"""Addresses of the pages around a care sheet, one module an audience."""
