"""The services one machine starts for itself: PostgreSQL and Valkey, on sockets, under var/."""
