"""SQLite and PostgreSQL behind one face: statements, units of work, group commit."""
