//! A connection, encrypted or not, and one small HTTP exchange on it: a request's head out, an answer's head in. It reads no body.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest head that is read, in bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// TCP, or TLS over it, or TLS over a proxy's tunnel.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub(super) type Line = Box<dyn Wire>;

/// What an answer begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// The `Date` header as written.
    pub(super) date: Option<String>,
}

/// Sends a head and reads one, within `patience`.
pub(super) async fn exchange(line: &mut Line, request: &str, patience: Duration) -> io::Result<Head> {
    let exchanged = async {
        line.write_all(request.as_bytes()).await?;
        line.flush().await?;
        read_head(line).await
    };
    tokio::time::timeout(patience, exchanged).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn read_head(line: &mut Line) -> io::Result<Head> {
    let mut read = Vec::new();
    // Byte by byte: what follows a proxy's head is TLS and not ours to take.
    while !read.ends_with(b"\r\n\r\n") {
        if read.len() >= HEAD_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer's head is too long"));
        }
        read.push(line.read_u8().await?);
    }
    parse(&String::from_utf8_lossy(&read))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

fn parse(head: &str) -> Option<Head> {
    let mut lines = head.split("\r\n");
    let first = lines.next()?.strip_prefix("HTTP/1.")?;
    let status = first.split_whitespace().nth(1)?.parse().ok()?;
    let date = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim().to_owned())
    });
    Some(Head { status, date })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_its_status_and_its_date() {
        let head = parse("HTTP/1.1 405 Not\r\nX: y\r\ndate: Mon, 05 Jan 2026 01:00:00 GMT\r\n\r\n").unwrap();
        assert_eq!((head.status, head.date.as_deref()), (405, Some("Mon, 05 Jan 2026 01:00:00 GMT")));
        assert_eq!(parse("HTTP/1.0 200\r\n\r\n"), Some(Head { status: 200, date: None }));
        assert_eq!(parse("SSH-2.0-x\r\n\r\n"), None);
        assert_eq!(parse("HTTP/1.1 abc\r\n\r\n"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_says_nothing_is_given_up_and_an_endless_head_too() {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let mut line: Line = Box::new(ours);
        let patience = Duration::from_secs(5);
        assert_eq!(exchange(&mut line, "HEAD", patience).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut theirs = theirs;
        theirs.write_all(&vec![b'a'; HEAD_BYTES + 1]).await.unwrap();
        assert_eq!(exchange(&mut line, "HEAD", patience).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
