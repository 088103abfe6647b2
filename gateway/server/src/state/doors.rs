//! Bounds on what is handled at once: requests, bytes of their bodies, waits for outcomes, event streams, files being sent. Full doors refuse at once; nothing queues here.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::RequestLimits;

/// When a caller that found the doors full should come again.
const COME_AGAIN: Duration = Duration::from_secs(1);
/// Pushes, and operators beyond what all share, have this part of the requests' places for themselves.
const OWN_SHARE: usize = 4;
/// Bytes are counted in blocks, so that any configured size fits a semaphore.
const BLOCK: usize = 1024;

/// Counted entrances, shared by HTTP and gRPC.
#[derive(Debug)]
pub struct Doors {
    requests: Arc<Semaphore>,
    operators: Arc<Semaphore>,
    pushes: Arc<Semaphore>,
    blocks: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    files: Arc<Semaphore>,
}

/// A place inside, given back when dropped.
#[derive(Debug)]
pub struct Pass {
    _permit: OwnedSemaphorePermit,
}

/// Room for a body's bytes, given back when dropped.
#[derive(Debug, Default)]
pub struct Load {
    permit: Option<OwnedSemaphorePermit>,
    blocks: usize,
}

impl Doors {
    pub fn new(limits: &RequestLimits) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        Self {
            requests: places(limits.concurrent_requests),
            operators: places(limits.concurrent_requests / OWN_SHARE),
            pushes: places(limits.concurrent_requests / OWN_SHARE),
            blocks: places(limits.bytes_in_flight.div_ceil(BLOCK)),
            waits: places(limits.concurrent_requests),
            streams: places(limits.event_streams),
            files: places(limits.file_downloads),
        }
    }

    /// A place for one request, or `LT-OVERLOADED`.
    pub fn enter(&self) -> Result<Pass, Fault> {
        pass(&self.requests, "too many requests at once")
    }

    /// A place for someone with a role: those who must see why the others are refused are not refused with them.
    pub fn enter_as_operator(&self) -> Result<Pass, Fault> {
        self.enter().or_else(|_full| pass(&self.operators, "too many requests at once, operators' too"))
    }

    /// A place for an external system's push, which proves itself only in its body: whoever sends half a body takes nobody
    /// else's place.
    pub fn enter_as_push(&self) -> Result<Pass, Fault> {
        pass(&self.pushes, "too many pushes at once")
    }

    /// A place for one event stream, or `LT-OVERLOADED`.
    pub fn stream(&self) -> Result<Pass, Fault> {
        pass(&self.streams, "too many event streams at once")
    }

    /// A place for one file being sent, or `LT-OVERLOADED`.
    pub fn file(&self) -> Result<Pass, Fault> {
        pass(&self.files, "too many files are sent at once")
    }

    /// A place to wait for an outcome; `None` when so many wait already that the wish is better not granted.
    pub fn wait(&self) -> Option<Pass> {
        pass(&self.waits, "too many wait at once").ok()
    }

    /// Grows `load` to hold `bytes` in all, or `LT-OVERLOADED`.
    pub fn carry(&self, load: &mut Load, bytes: usize) -> Result<(), Fault> {
        let more = bytes.div_ceil(BLOCK).saturating_sub(load.blocks);
        if more == 0 {
            return Ok(());
        }
        let count = u32::try_from(more).map_err(|_| overloaded("one body needs more than can be counted"))?;
        let permit = Arc::clone(&self.blocks)
            .try_acquire_many_owned(count)
            .map_err(|_| overloaded("too many bytes of bodies at once"))?;
        match &mut load.permit {
            Some(held) => held.merge(permit),
            None => load.permit = Some(permit),
        }
        load.blocks += more;
        Ok(())
    }
}

fn pass(places: &Arc<Semaphore>, why: &str) -> Result<Pass, Fault> {
    match Arc::clone(places).try_acquire_owned() {
        Ok(permit) => Ok(Pass { _permit: permit }),
        Err(_) => Err(overloaded(why)),
    }
}

fn overloaded(why: &str) -> Fault {
    Fault::new(FaultKind::Throttled, FaultCode::Overloaded, why).with_retry_after(COME_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(requests: usize, bytes: usize) -> Doors {
        Doors::new(&RequestLimits {
            body_bytes: 4096,
            concurrent_requests: requests,
            bytes_in_flight: bytes,
            read_timeout: Duration::from_secs(1),
            event_streams: 1,
            file_downloads: 1,
        })
    }

    #[test]
    fn a_full_door_refuses_and_opens_again_when_someone_leaves() {
        let doors = doors(1, 4096);
        let inside = doors.enter().unwrap();
        let refused = doors.enter().unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (FaultCode::Overloaded, Some(COME_AGAIN)));
        drop(inside);
        assert!(doors.enter().is_ok());
    }

    #[test]
    fn half_sent_pushes_and_a_full_house_keep_neither_clients_nor_operators_out() {
        let doors = doors(4, 4096);
        let pushes: Vec<Pass> = std::iter::from_fn(|| doors.enter_as_push().ok()).collect();
        assert_eq!(pushes.len(), 1);
        let clients: Vec<Pass> = std::iter::from_fn(|| doors.enter().ok()).collect();
        assert_eq!(clients.len(), 4);
        assert!(doors.enter_as_operator().is_ok());
    }

    #[test]
    fn a_load_grows_by_what_is_missing_and_is_given_back_whole() {
        let doors = doors(1, 4096);
        let mut load = Load::default();
        doors.carry(&mut load, 1).unwrap();
        doors.carry(&mut load, 1024).unwrap();
        doors.carry(&mut load, 4096).unwrap();
        assert_eq!(doors.carry(&mut Load::default(), 1).unwrap_err().code, FaultCode::Overloaded);
        drop(load);
        doors.carry(&mut Load::default(), 4096).unwrap();
    }
}
