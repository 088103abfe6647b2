//! A byte stream that gives up on a peer that sends no beginning of a request, or takes nothing of what we write. It understands only HTTP/2's preface.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How an HTTP/2 connection begins (RFC 9113, 3.4). As long as a peer has sent nothing but its beginning, the version of HTTP is
/// not known and no other time limit runs yet.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The stream under guard.
pub(super) struct Guarded<S> {
    stream: S,
    /// Runs until the version of HTTP is known.
    opening: Option<(Pin<Box<Sleep>>, usize)>,
    stall: Duration,
    /// Runs while the peer takes nothing.
    stalled: Pin<Box<Sleep>>,
    blocked: bool,
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S, head: Duration, stall: Duration) -> Self {
        let opening = Some((Box::pin(tokio::time::sleep(head)), 0));
        Self { stream, opening, stall, stalled: Box::pin(tokio::time::sleep(stall)), blocked: false }
    }

    /// For what lies below TLS, whose handshake has a limit of its own.
    pub(super) fn without_preface(mut self) -> Self {
        self.opening = None;
        self
    }

    /// A write that made progress rests the clock; one that is pending runs it.
    fn watch<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.blocked = false;
            return poll;
        }
        if !self.blocked {
            self.blocked = true;
            let deadline = Instant::now() + self.stall;
            self.stalled.as_mut().reset(deadline);
        }
        ready!(self.stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let poll = Pin::new(&mut this.stream).poll_read(cx, buf);
        let Some((deadline, seen)) = &mut this.opening else { return poll };
        if poll.is_pending() {
            ready!(deadline.as_mut().poll(cx));
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no request began")));
        }
        let fresh = buf.filled().get(before..).unwrap_or_default();
        let undecided = PREFACE.get(*seen..).is_some_and(|rest| rest.len() > fresh.len() && rest.starts_with(fresh));
        *seen += fresh.len();
        if !undecided {
            this.opening = None;
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(cx, poll)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.watch(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_flush(cx);
        this.watch(cx, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.watch(cx, poll)
    }
}
