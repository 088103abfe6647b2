//! A request body that tells when the connection first reads it. It holds one chunk and no logic.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes that set two flags, the attempt's and the request's, when they are first read: until then DNS, connect and TLS may still fail with nothing sent.
pub(crate) struct MarkedBody {
    bytes: Option<Bytes>,
    sent: [Arc<AtomicBool>; 2],
}

impl MarkedBody {
    pub(crate) fn new(bytes: Bytes, sent: [Arc<AtomicBool>; 2]) -> Self {
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

    /// Exact, so that the request carries a `Content-Length`: old servers do not take chunks.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
