//! The embedded implementation on SQLite.
