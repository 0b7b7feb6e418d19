"""Rules of the register: no database, no clock."""
