//! Connections and numbered migrations. Each migration is one transaction that ends with the new version; none is ever edited.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fail::Fail;
use crate::error::OpenError;

/// In the order of their numbers, from 1.
const MIGRATIONS: [&str; 9] = [
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_cursor.sql"),
    include_str!("migrations/0003_recognised.sql"),
    include_str!("migrations/0004_desk.sql"),
    include_str!("migrations/0005_case.sql"),
    include_str!("migrations/0006_search.sql"),
    include_str!("migrations/0007_measure.sql"),
    include_str!("migrations/0008_amendment.sql"),
    include_str!("migrations/0009_standstill.sql"),
];

const PAGE_BYTES: u32 = 8192;
const READER_CACHE_BYTES: usize = 2 * 1024 * 1024;

pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("journal.db")
}

/// The writer's connection.
pub(super) fn writer(folder: &Path, cache_bytes: usize) -> Result<Connection, Fail> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database(folder), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -{};",
        cache_bytes / 1024
    ))?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn reader(folder: &Path) -> Result<Connection, Fail> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database(folder), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    let kibibytes = READER_CACHE_BYTES / 1024;
    connection.execute_batch(&format!(
        "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -{kibibytes};"
    ))?;
    Ok(connection)
}

/// A connection that copies the write-ahead log into the database, beside the writer.
pub(super) fn copier(folder: &Path) -> Result<Connection, Fail> {
    let connection = writer(folder, READER_CACHE_BYTES)?;
    connection.busy_timeout(Duration::ZERO)?;
    Ok(connection)
}

/// Brings the file to the newest version, or refuses one that is newer.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    migrate_with(connection, &MIGRATIONS)
}

fn migrate_with(connection: &mut Connection, migrations: &[&str]) -> Result<(), OpenError> {
    let storage = |error: rusqlite::Error| OpenError::Storage(error.to_string());
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let found = version(connection).map_err(storage)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (migration, number) in migrations.iter().zip(1_u32..).skip(found as usize) {
        let transaction = connection.transaction().map_err(storage)?;
        transaction.execute_batch(migration).map_err(storage)?;
        transaction.pragma_update(None, "user_version", number).map_err(storage)?;
        transaction.commit().map_err(storage)?;
        tracing::info!(version = number, "the journal was migrated");
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_and_a_previous_one_are_migrated_and_a_newer_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = writer(folder.path(), 1 << 20).unwrap();
        migrate(&mut connection).unwrap();
        let known = u32::try_from(MIGRATIONS.len()).unwrap();
        assert_eq!(version(&connection).unwrap(), known);
        connection.execute("INSERT INTO meta VALUES ('kept', 7)", ()).unwrap();

        let mut next = MIGRATIONS.to_vec();
        next.push("ALTER TABLE meta ADD COLUMN added INTEGER NOT NULL DEFAULT 3");
        migrate_with(&mut connection, &next).unwrap();
        let row = connection.query_row("SELECT value, added FROM meta", (), |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row.unwrap(), (7, 3));
        let newer = OpenError::Newer { found: known + 1, known };
        assert_eq!(migrate(&mut connection).unwrap_err().to_string(), newer.to_string());
    }

    #[test]
    fn the_previous_release_s_file_is_brought_up_with_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = writer(folder.path(), 1 << 20).unwrap();
        migrate_with(&mut connection, &MIGRATIONS[..1]).unwrap();
        connection.execute("INSERT INTO bkey (id, text) VALUES (1, 'H56.14-260115-0007')", ()).unwrap();
        migrate(&mut connection).unwrap();
        let kept = connection.query_row("SELECT text FROM bkey", (), |row| row.get::<_, String>(0));
        assert_eq!(kept.unwrap(), "H56.14-260115-0007");
        connection.execute("INSERT INTO cursor VALUES ('poll/land', '7', 0)", ()).unwrap();
    }

    #[test]
    fn a_migration_that_fails_leaves_the_previous_version() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = writer(folder.path(), 1 << 20).unwrap();
        let broken = [MIGRATIONS[0], "CREATE TABLE half (a); CREATE TABLE meta (b)"];
        assert!(matches!(migrate_with(&mut connection, &broken), Err(OpenError::Storage(_))));
        assert_eq!(version(&connection).unwrap(), 1);
        let half = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'", (), |row| row.get(0));
        assert_eq!(half, Ok(0));
        migrate(&mut connection).unwrap();
    }
}
