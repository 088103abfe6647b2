//! The ready heads of one system kept in memory: bounded, fair between clients, ordered by rank within one. What does not fit stays on disk. It does no I/O.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use lienthong_core::{Class, ClientId, DeliveryId, Timestamp};
use lienthong_journal::Head;

use shelf::Shelf;

mod shelf;
#[cfg(test)]
mod tests;

/// Most heads of one system in memory, whatever the number of clients.
const MOST_HEADS: usize = 16_384;
/// What each client may keep even then.
const LEAST_ROOM: usize = 16;
/// Most bytes of bodies kept with the heads of one system.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Larger bodies are read when they are sent.
pub(super) const INLINE_BYTES: usize = 16 * 1024;

/// Where a head stands within its client: due first, then oldest.
type Rank = (Timestamp, DeliveryId);

fn rank(head: &Head) -> Rank {
    (head.exchange.rank(), head.delivery.id)
}

/// Heads that may go, heads that cool down, and the ids of those on their way.
pub(super) struct Window {
    live: Shelf,
    bulk: Shelf,
    /// Taken out and not yet landed: the version known, and whether a newer one was turned away meanwhile.
    moving: HashMap<DeliveryId, Moving>,
    /// Ready on disk, yet not to be sent before a (monotonic) time.
    cooling: BTreeMap<(Duration, DeliveryId), Box<Head>>,
    weights: HashMap<ClientId, u32>,
    limit: usize,
    heads: usize,
    bytes: usize,
}

struct Moving {
    version: u32,
    missed: bool,
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            live: Shelf::default(),
            bulk: Shelf::default(),
            moving: HashMap::new(),
            cooling: BTreeMap::new(),
            weights: HashMap::new(),
            limit: 1,
            heads: 0,
            bytes: 0,
        }
    }

    /// Heads kept per client and class, and clients' shares.
    pub(super) fn retune(&mut self, limit: usize, weights: HashMap<ClientId, u32>) {
        self.limit = limit.max(1);
        for client in weights.keys() {
            self.live.know(client);
            self.bulk.know(client);
        }
        self.weights = weights;
        self.live.check = true;
        self.bulk.check = true;
    }

    /// Takes a ready head in, or remembers that there is more on disk.
    pub(super) fn insert(&mut self, mut head: Box<Head>) {
        if let Some(moving) = self.moving.get_mut(&head.delivery.id) {
            moving.missed |= head.delivery.version > moving.version;
            return;
        }
        self.fit_body(&mut head);
        let room = if self.heads >= MOST_HEADS { self.limit.min(LEAST_ROOM) } else { self.limit };
        let bytes = bytes_of(&head);
        let class = head.delivery.class;
        let outcome = self.shelf(class).insert(head, room);
        self.heads += usize::from(outcome.kept);
        self.bytes += if outcome.kept { bytes } else { 0 };
        if let Some(out) = outcome.out {
            self.forget(&out);
        }
    }

    /// The head that would be taken next.
    pub(super) fn peek(&mut self, class: Class) -> Option<&Head> {
        self.shelf(class).front()
    }

    /// Takes the next head; it counts as on its way until [`Window::landed`].
    pub(super) fn pop(&mut self, class: Class) -> Option<Box<Head>> {
        let shelf = match class {
            Class::Live => &mut self.live,
            Class::Bulk => &mut self.bulk,
        };
        let head = shelf.pop(&self.weights, self.limit / 4)?;
        self.forget(&head);
        self.moving.insert(head.delivery.id, Moving { version: head.delivery.version, missed: false });
        Some(head)
    }

    /// A head on its way has come to rest, wherever that is.
    pub(super) fn landed(&mut self, head: &Head) {
        if self.moving.remove(&head.delivery.id).is_some_and(|moving| moving.missed) {
            self.more_on_disk(head.delivery.class, &head.delivery.client);
        }
    }

    /// As [`Window::insert`], but not to be sent before a monotonic time.
    pub(super) fn cool(&mut self, head: Box<Head>, until: Duration) {
        self.cooling.insert((until, head.delivery.id), head);
    }

    /// Heads that have cooled down are ready again.
    pub(super) fn thaw(&mut self, now: Duration) {
        while let Some(entry) = self.cooling.first_entry() {
            if entry.key().0 > now {
                return;
            }
            let head = entry.remove();
            self.insert(head);
        }
    }

    /// Those of these heads that cool down are ready again now.
    pub(super) fn warm(&mut self, ids: &HashSet<DeliveryId>) {
        let warm: Vec<_> = self.cooling.keys().filter(|(_, id)| ids.contains(id)).copied().collect();
        for head in warm.iter().filter_map(|place| self.cooling.remove(place)).collect::<Vec<_>>() {
            self.insert(head);
        }
    }

    pub(super) fn next_thaw(&self) -> Option<Duration> {
        self.cooling.first_key_value().map(|((until, _), _)| *until)
    }

    pub(super) fn cooling(&self) -> usize {
        self.cooling.len()
    }

    /// Something of this client is on disk that memory does not know.
    pub(super) fn more_on_disk(&mut self, class: Class, client: &ClientId) {
        self.shelf(class).more_on_disk(client);
    }

    /// Something of any client may be on disk.
    pub(super) fn anything_on_disk(&mut self, class: Class) {
        self.shelf(class).anything_on_disk();
    }

    /// Nothing is on disk that memory does not know, unless something was turned away since `overflows` was read.
    pub(super) fn nothing_more_on_disk(&mut self, class: Class, client: Option<&ClientId>, overflows: u64) {
        self.shelf(class).nothing_more(client, overflows);
    }

    pub(super) fn overflows(&mut self, class: Class) -> u64 {
        self.shelf(class).overflows
    }

    /// The client that needs heads from disk most, and how many it has room for.
    pub(super) fn thirsty(&mut self, class: Class) -> Option<(ClientId, usize)> {
        let limit = self.limit;
        let full = self.heads >= MOST_HEADS;
        let (client, held) = self.shelf(class).thirsty(if full { 0 } else { limit / 4 })?;
        Some((client, limit.saturating_sub(held).max(1)))
    }

    /// Whether every client known has more on disk anyway, so that looking for anyone's is no use.
    pub(super) fn all_thirst(&mut self, class: Class) -> bool {
        self.shelf(class).all_thirst()
    }

    /// The ids in memory, of one client or all, so that they are not read again.
    pub(super) fn held(&mut self, class: Class, client: Option<&ClientId>) -> HashSet<DeliveryId> {
        let mut held = HashSet::new();
        self.shelf(class).ids(client, &mut held);
        held.extend(self.moving.keys());
        held.extend(self.cooling.keys().map(|(_, id)| id));
        held
    }

    /// How many of this client are in memory, on their way included as far as that can be told.
    pub(super) fn held_of(&mut self, class: Class, client: &ClientId) -> u64 {
        let held = self.shelf(class).len_of(client);
        u64::try_from(held).unwrap_or(u64::MAX)
    }

    pub(super) fn len(&self, class: Class) -> usize {
        match class {
            Class::Live => self.live.len,
            Class::Bulk => self.bulk.len,
        }
    }

    /// Bodies up to this many bytes are worth reading along with so many heads.
    pub(super) fn inline(&self, heads: usize) -> usize {
        (MOST_BYTES.saturating_sub(self.bytes) / heads.max(1)).min(INLINE_BYTES)
    }

    /// Takes out every head for which `over` holds (those whose time has passed); for blocked systems, not for every turn.
    pub(super) fn take_where(&mut self, over: impl Fn(&Head) -> bool) -> Vec<Head> {
        let mut out = self.live.take_where(&over);
        out.append(&mut self.bulk.take_where(&over));
        for head in &out {
            self.forget(head);
            self.moving.insert(head.delivery.id, Moving { version: head.delivery.version, missed: false });
        }
        out
    }

    /// Forgets all that rests here; it is still on disk.
    pub(super) fn clear(&mut self) {
        self.live = Shelf::default();
        self.bulk = Shelf::default();
        self.cooling.clear();
        self.heads = 0;
        self.bytes = 0;
    }

    fn fit_body(&self, head: &mut Head) {
        let bytes = bytes_of(head);
        if bytes > INLINE_BYTES || self.bytes + bytes > MOST_BYTES {
            head.body = None;
        }
    }

    fn forget(&mut self, head: &Head) {
        self.heads = self.heads.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes_of(head));
    }

    fn shelf(&mut self, class: Class) -> &mut Shelf {
        match class {
            Class::Live => &mut self.live,
            Class::Bulk => &mut self.bulk,
        }
    }
}

fn bytes_of(head: &Head) -> usize {
    head.body.as_ref().map_or(0, bytes::Bytes::len)
}
