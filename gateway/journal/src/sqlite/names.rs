//! Interned names and facets: integers in rows, values in memory. Few by nature (what configuration names), so all are held.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use lienthong_core::{ClientId, ConfigVersion, OperationName, RouteName, SystemId};
use parking_lot::RwLock;
use rusqlite::Connection;

use super::fail::{Fail, corrupt};

/// Values of one kind and their integers.
#[derive(Debug, Clone)]
pub(super) struct Interner<T> {
    kind: i64,
    by_value: HashMap<T, i64>,
    by_id: HashMap<i64, T>,
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn new(kind: i64) -> Self {
        Self { kind, by_value: HashMap::new(), by_id: HashMap::new() }
    }

    pub(super) fn id(&self, value: &T) -> Option<i64> {
        self.by_value.get(value).copied()
    }

    pub(super) fn value(&self, id: i64) -> Result<T, Fail> {
        self.by_id.get(&id).cloned().ok_or_else(|| corrupt("a name", id))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.by_id.iter().map(|(id, value)| (*id, value))
    }

    fn put(&mut self, id: i64, value: T) {
        self.by_id.insert(id, value.clone());
        self.by_value.insert(value, id);
    }
}

/// Who asked for what, and which systems it went to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Facet {
    pub(super) client: i64,
    pub(super) operation: i64,
    /// Rising.
    pub(super) systems: Vec<i64>,
}

/// All interned values.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) systems: Interner<SystemId>,
    pub(super) clients: Interner<ClientId>,
    pub(super) operations: Interner<OperationName>,
    pub(super) routes: Interner<RouteName>,
    pub(super) configs: Interner<ConfigVersion>,
    facets: HashMap<Facet, i64>,
    facets_by_id: HashMap<i64, Facet>,
    /// Routes and the facets they occur in.
    route_facets: HashSet<(i64, i64)>,
    last_name: i64,
    last_facet: i64,
}

impl Known {
    pub(super) fn facet(&self, id: i64) -> Result<&Facet, Fail> {
        self.facets_by_id.get(&id).ok_or_else(|| corrupt("a facet", id))
    }

    pub(super) fn facets(&self) -> impl Iterator<Item = (i64, &Facet)> {
        self.facets_by_id.iter().map(|(id, facet)| (*id, facet))
    }

    /// Whether a route made deliveries of exchanges of this facet.
    pub(super) fn occurs(&self, route: i64, facet: i64) -> bool {
        self.route_facets.contains(&(route, facet))
    }

    fn empty() -> Self {
        Self {
            systems: Interner::new(1),
            clients: Interner::new(2),
            operations: Interner::new(3),
            routes: Interner::new(4),
            configs: Interner::new(5),
            facets: HashMap::new(),
            facets_by_id: HashMap::new(),
            route_facets: HashSet::new(),
            last_name: 0,
            last_facet: 0,
        }
    }

    fn put(&mut self, id: i64, kind: i64, text: &str) -> Result<(), Fail> {
        let unreadable = |_| corrupt("a name", text);
        match kind {
            1 => self.systems.put(id, text.parse().map_err(unreadable)?),
            2 => self.clients.put(id, text.parse().map_err(unreadable)?),
            3 => self.operations.put(id, text.parse().map_err(unreadable)?),
            4 => self.routes.put(id, text.parse().map_err(unreadable)?),
            5 => self.configs.put(id, text.parse().map_err(unreadable)?),
            other => return Err(corrupt("a kind of name", other)),
        }
        self.last_name = self.last_name.max(id);
        Ok(())
    }

    fn put_facet(&mut self, id: i64, facet: Facet) {
        self.facets_by_id.insert(id, facet.clone());
        self.facets.insert(facet, id);
        self.last_facet = self.last_facet.max(id);
    }
}

/// Shared by the writer, which adds, and the readers. What is here may be ahead of the disk, never behind.
#[derive(Debug)]
pub(super) struct Names(RwLock<Arc<Known>>);

impl Names {
    pub(super) fn load(connection: &Connection) -> Result<Self, Fail> {
        Ok(Self(RwLock::new(Arc::new(read_all(connection)?))))
    }

    /// After a rollback: forgets what was added and not committed.
    pub(super) fn reload(&self, connection: &Connection) -> Result<(), Fail> {
        let known = Arc::new(read_all(connection)?);
        *self.0.write() = known;
        Ok(())
    }

    /// All there is now. A reader takes it after its snapshot began, so that it knows every name it may meet.
    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.read())
    }

    pub(super) fn system(&self, connection: &Connection, value: &SystemId) -> Result<i64, Fail> {
        self.intern(connection, value, |known| &known.systems, |known| &mut known.systems)
    }

    pub(super) fn client(&self, connection: &Connection, value: &ClientId) -> Result<i64, Fail> {
        self.intern(connection, value, |known| &known.clients, |known| &mut known.clients)
    }

    pub(super) fn operation(&self, connection: &Connection, value: &OperationName) -> Result<i64, Fail> {
        self.intern(connection, value, |known| &known.operations, |known| &mut known.operations)
    }

    pub(super) fn route(&self, connection: &Connection, value: &RouteName) -> Result<i64, Fail> {
        self.intern(connection, value, |known| &known.routes, |known| &mut known.routes)
    }

    pub(super) fn config(&self, connection: &Connection, value: &ConfigVersion) -> Result<i64, Fail> {
        self.intern(connection, value, |known| &known.configs, |known| &mut known.configs)
    }

    fn intern<T: Clone + Eq + Hash + AsRef<str>>(
        &self,
        connection: &Connection,
        value: &T,
        of: impl Fn(&Known) -> &Interner<T>,
        of_mut: impl Fn(&mut Known) -> &mut Interner<T>,
    ) -> Result<i64, Fail> {
        if let Some(id) = of(&self.0.read()).id(value) {
            return Ok(id);
        }
        let mut guard = self.0.write();
        let known = Arc::make_mut(&mut guard);
        let id = known.last_name.saturating_add(1);
        let kind = of(known).kind;
        connection.execute("INSERT INTO name (id, kind, text) VALUES (?1, ?2, ?3)", (id, kind, value.as_ref()))?;
        known.last_name = id;
        of_mut(known).put(id, value.clone());
        Ok(id)
    }

    pub(super) fn facet_id(&self, connection: &Connection, facet: &Facet) -> Result<i64, Fail> {
        if let Some(id) = self.0.read().facets.get(facet) {
            return Ok(*id);
        }
        let mut guard = self.0.write();
        let known = Arc::make_mut(&mut guard);
        let id = known.last_facet.saturating_add(1);
        let systems = facet.systems.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let row = (id, facet.client, facet.operation, systems);
        connection.execute("INSERT INTO facet (id, client, operation, systems) VALUES (?1, ?2, ?3, ?4)", row)?;
        known.put_facet(id, facet.clone());
        Ok(id)
    }
}

impl Names {
    /// Remembers that the route makes deliveries of exchanges of this facet.
    pub(super) fn route_in(&self, connection: &Connection, route: i64, facet: i64) -> Result<(), Fail> {
        if self.0.read().occurs(route, facet) {
            return Ok(());
        }
        let mut guard = self.0.write();
        connection.execute("INSERT INTO route_facet (route, facet) VALUES (?1, ?2)", (route, facet))?;
        Arc::make_mut(&mut guard).route_facets.insert((route, facet));
        Ok(())
    }
}

fn read_all(connection: &Connection) -> Result<Known, Fail> {
    let mut known = Known::empty();
    let mut names = connection.prepare("SELECT id, kind, text FROM name")?;
    let mut rows = names.query(())?;
    while let Some(row) = rows.next()? {
        known.put(row.get(0)?, row.get(1)?, &row.get::<_, String>(2)?)?;
    }
    let mut facets = connection.prepare("SELECT id, client, operation, systems FROM facet")?;
    let mut rows = facets.query(())?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(3)?;
        let numbers = text.split(',').filter(|part| !part.is_empty()).map(str::parse);
        let systems = numbers.collect::<Result<Vec<i64>, _>>().map_err(|_| corrupt("a facet", &text))?;
        known.put_facet(row.get(0)?, Facet { client: row.get(1)?, operation: row.get(2)?, systems });
    }
    let mut routes = connection.prepare("SELECT route, facet FROM route_facet")?;
    let mut rows = routes.query(())?;
    while let Some(row) = rows.next()? {
        known.route_facets.insert((row.get(0)?, row.get(1)?));
    }
    Ok(known)
}
