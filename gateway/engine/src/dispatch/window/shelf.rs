//! The heads of one class: a queue per client by rank, drained in deficit round robin. It does no I/O.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use lienthong_core::{ClientId, DeliveryId};
use lienthong_journal::Head;

use super::{Rank, rank};

/// One class of heads.
#[derive(Default)]
pub(super) struct Shelf {
    queues: HashMap<ClientId, Queue>,
    /// Clients with heads here, in the order of their turns.
    ring: VecDeque<ClientId>,
    pub(super) len: usize,
    /// Counts what was turned away.
    pub(super) overflows: u64,
    /// Whether some client may have become thirsty since it was last looked for.
    pub(super) check: bool,
}

#[derive(Default)]
struct Queue {
    heads: BTreeMap<Rank, Box<Head>>,
    /// What is left of its turn.
    credit: u32,
    ringed: bool,
    /// More of it is on disk.
    more: bool,
}

/// What became of a head put in.
pub(super) struct Inserted {
    pub(super) kept: bool,
    /// What had to go for it: an older version of it, or the last in rank.
    pub(super) out: Option<Box<Head>>,
}

impl Shelf {
    pub(super) fn know(&mut self, client: &ClientId) {
        if !self.queues.contains_key(client) {
            self.queues.insert(client.clone(), Queue::default());
        }
    }

    /// Keeps the head when it is among the first `room` of its client.
    pub(super) fn insert(&mut self, head: Box<Head>, room: usize) -> Inserted {
        self.know(&head.delivery.client);
        let Some(queue) = self.queues.get_mut(&head.delivery.client) else {
            return Inserted { kept: false, out: None };
        };
        let key = rank(&head);
        if let Some(known) = queue.heads.get_mut(&key) {
            let newer = head.delivery.version > known.delivery.version;
            let out = newer.then(|| std::mem::replace(known, head));
            return Inserted { kept: newer, out };
        }
        let full = queue.heads.len() >= room.max(1);
        if full {
            queue.more = true;
            self.overflows += 1;
            if queue.heads.last_key_value().is_none_or(|(last, _)| *last < key) {
                return Inserted { kept: false, out: None };
            }
        }
        if !queue.ringed {
            queue.ringed = true;
            self.ring.push_back(head.delivery.client.clone());
        }
        queue.heads.insert(key, head);
        self.len += 1;
        let out = if full { queue.heads.pop_last().map(|(_, head)| head) } else { None };
        self.len -= usize::from(out.is_some());
        Inserted { kept: true, out }
    }

    /// The next head in turn.
    pub(super) fn front(&mut self) -> Option<&Head> {
        self.settle_front();
        let queue = self.queues.get(self.ring.front()?)?;
        queue.heads.first_key_value().map(|(_, head)| &**head)
    }

    /// Takes the next head in turn; a client may take as many in a row as it weighs.
    pub(super) fn pop(&mut self, weights: &HashMap<ClientId, u32>, low: usize) -> Option<Box<Head>> {
        self.settle_front();
        let client = self.ring.front()?;
        let queue = self.queues.get_mut(client)?;
        if queue.credit == 0 {
            queue.credit = weights.get(client).copied().unwrap_or(1).max(1);
        }
        let (_, head) = queue.heads.pop_first()?;
        queue.credit -= 1;
        self.len -= 1;
        self.check |= queue.more && queue.heads.len() <= low;
        if queue.heads.is_empty() {
            queue.credit = 0;
            queue.ringed = false;
            self.ring.pop_front();
        } else if queue.credit == 0 {
            self.ring.rotate_left(1);
        }
        Some(head)
    }

    /// Drops clients without heads from the front of the ring.
    fn settle_front(&mut self) {
        while let Some(client) = self.ring.front() {
            match self.queues.get_mut(client) {
                Some(queue) if !queue.heads.is_empty() => return,
                Some(queue) => {
                    queue.ringed = false;
                    queue.credit = 0;
                }
                None => {}
            }
            self.ring.pop_front();
        }
    }

    pub(super) fn more_on_disk(&mut self, client: &ClientId) {
        self.know(client);
        self.overflows += 1;
        self.check = true;
        if let Some(queue) = self.queues.get_mut(client) {
            queue.more = true;
        }
    }

    pub(super) fn anything_on_disk(&mut self) {
        self.overflows += 1;
        self.check = true;
        for queue in self.queues.values_mut() {
            queue.more = true;
        }
    }

    pub(super) fn nothing_more(&mut self, client: Option<&ClientId>, overflows: u64) {
        self.check = true;
        if overflows != self.overflows {
            return;
        }
        match client {
            Some(client) => {
                if let Some(queue) = self.queues.get_mut(client) {
                    queue.more = false;
                }
            }
            None => self.queues.values_mut().for_each(|queue| queue.more = false),
        }
    }

    /// The client with the fewest heads here, at most `low`, that has more on disk.
    pub(super) fn thirsty(&mut self, low: usize) -> Option<(ClientId, usize)> {
        if !self.check {
            return None;
        }
        let thirsty = self.queues.iter().filter(|(_, queue)| queue.more && queue.heads.len() <= low);
        let first = thirsty.min_by_key(|(_, queue)| queue.heads.len());
        let found = first.map(|(client, queue)| (client.clone(), queue.heads.len()));
        self.check = found.is_some();
        found
    }

    pub(super) fn all_thirst(&self) -> bool {
        !self.queues.is_empty() && self.queues.values().all(|queue| queue.more)
    }

    pub(super) fn len_of(&self, client: &ClientId) -> usize {
        self.queues.get(client).map_or(0, |queue| queue.heads.len())
    }

    pub(super) fn ids(&self, client: Option<&ClientId>, into: &mut HashSet<DeliveryId>) {
        match client {
            Some(client) => {
                let heads = self.queues.get(client).map(|queue| queue.heads.keys());
                into.extend(heads.into_iter().flatten().map(|(_, id)| *id));
            }
            None => into.extend(self.queues.values().flat_map(|queue| queue.heads.keys().map(|(_, id)| *id))),
        }
    }

    pub(super) fn take_where(&mut self, over: impl Fn(&Head) -> bool) -> Vec<Head> {
        let mut out = Vec::new();
        for queue in self.queues.values_mut() {
            let keys: Vec<Rank> = queue.heads.iter().filter(|(_, head)| over(head)).map(|(key, _)| *key).collect();
            out.extend(keys.iter().filter_map(|key| queue.heads.remove(key)).map(|head| *head));
        }
        self.len -= out.len();
        out
    }
}
