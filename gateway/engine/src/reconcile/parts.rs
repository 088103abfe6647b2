//! A list in parts that a gateway takes: whole rows, each part of CSV with the header. It opens no file, and reads no cell, so it needs no encoding.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use super::read::Form;

/// Bytes of a part, far below what a request may have.
const PART_BYTES: usize = 2 << 20;
/// Most bytes of one row.
const ROW_BYTES: usize = 4 << 20;

/// A list being handed over.
pub struct Parts {
    source: BufReader<Box<dyn Read + Send>>,
    read: u64,
    lines: bool,
    header: Vec<u8>,
    begun: bool,
}

impl Parts {
    /// Whether a list is JSON lines, by its name.
    pub fn are_lines(path: &Path) -> bool {
        path.extension().is_some_and(|ending| ["jsonl", "ndjson", "json"].iter().any(|known| ending == *known))
    }

    /// A list from its first byte.
    pub fn of(source: Box<dyn Read + Send>, lines: bool) -> Self {
        let source = BufReader::with_capacity(1 << 20, source);
        Self { source, read: 0, lines, header: Vec::new(), begun: false }
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.read
    }

    pub fn form(&self) -> Form {
        if self.lines { Form::JsonLines } else { Form::Csv }
    }

    pub fn content_type(&self) -> &'static str {
        if self.lines { "application/x-ndjson" } else { "text/csv" }
    }

    /// The next part; `None` at the end. An empty list is one empty part: the gateway says what is wrong with it.
    pub fn part(&mut self) -> io::Result<Option<Vec<u8>>> {
        let first = !self.begun;
        self.begun = true;
        if first && !self.lines {
            let mut header = Vec::new();
            self.row(&mut header)?;
            self.header = header;
        }
        let mut part = self.header.clone();
        let empty = part.len();
        while part.len() < PART_BYTES && self.row(&mut part)? {}
        Ok((first || part.len() > empty).then_some(part))
    }

    /// Appends a row with its end; false at the end of the list. A line end within quotes ends no row.
    fn row(&mut self, to: &mut Vec<u8>) -> io::Result<bool> {
        let begin = to.len();
        let mut at = At::default();
        loop {
            let before = to.len();
            let line = self.source.by_ref().take(ROW_BYTES as u64).read_until(b'\n', to)?;
            self.read += line as u64;
            if line == 0 {
                return Ok(to.len() > begin);
            }
            if !self.lines {
                at = to.iter().skip(before).fold(at, |at, byte| at.after(*byte));
            }
            if to.len() - begin >= ROW_BYTES {
                return Err(io::Error::other("a row is longer than 4 MiB; is a quote left open?"));
            }
            if at != At::Quoted && to.ends_with(b"\n") {
                return Ok(true);
            }
        }
    }
}

/// Where in a row a byte stands; a quote opens only where a cell begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    CellBegins,
    Plain,
    Quoted,
    /// Behind a quote that closed, or was the first of two.
    Closed,
}

impl At {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::CellBegins | Self::Closed, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) => Self::Quoted,
            (Self::CellBegins | Self::Plain | Self::Closed, b',' | b';' | b'\t' | b'|' | b'\n') => Self::CellBegins,
            (Self::CellBegins | Self::Plain | Self::Closed, _) => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(list: &str, lines: bool) -> Vec<String> {
        let mut parts = Parts::of(Box::new(io::Cursor::new(list.to_owned())), lines);
        let mut all = Vec::new();
        while let Some(part) = parts.part().unwrap() {
            all.push(String::from_utf8(part).unwrap());
        }
        all
    }

    #[test]
    fn rows_stay_whole_and_every_part_has_the_header() {
        let row = format!("\"{}\n;\"\"x\"\"\",b\n", "a".repeat(1000));
        let list = format!("one,two\n{}", row.repeat(5_000));
        let all = parts(&list, false);
        assert!(all.len() > 2);
        let rows: usize = all
            .iter()
            .map(|part| {
                let rest = part.strip_prefix("one,two\n").unwrap();
                assert_eq!(rest.len() % row.len(), 0, "no row is cut");
                rest.len() / row.len()
            })
            .sum();
        assert_eq!(rows, 5_000);
    }

    #[test]
    fn a_list_without_rows_is_one_part() {
        assert_eq!(parts("one,two\n", false), ["one,two\n"]);
        assert_eq!(parts("", false), [""]);
        assert_eq!(parts("{}\n{}", true), ["{}\n{}"]);
    }
}
