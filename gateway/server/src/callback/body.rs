//! A request body that tells when the connection first reads it. It holds one chunk and no logic.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Sets the attempt's flag and the request's own when it is first read: until then nothing has left.
pub(super) struct MarkedBody {
    bytes: Option<Bytes>,
    sent: [Arc<AtomicBool>; 2],
}

impl MarkedBody {
    pub(super) fn new(bytes: Bytes, sent: [Arc<AtomicBool>; 2]) -> Self {
        Self { bytes: Some(bytes), sent }
    }
}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        for flag in &self.sent {
            flag.store(true, Ordering::Release);
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
