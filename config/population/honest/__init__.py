"""An honest country: places, professionals, members, and a year of care with its own oddities."""
