//! Lists as CSV for spreadsheets: every row up to a bound, told where it ends early, and nothing a spreadsheet would execute.

use axum::response::{IntoResponse as _, Response};
use http::header;
use lienthong_core::{Fault, FaultCode};

use crate::refused::{Answer, Refused};
use crate::shown::plain;

/// Most rows of one export.
pub(crate) const ROWS: usize = 20_000;

/// A table being written.
pub(crate) struct Export {
    writer: csv::Writer<Vec<u8>>,
    rows: usize,
    columns: usize,
}

impl Export {
    /// With the head of its columns.
    pub(crate) fn new(columns: &[&str]) -> Result<Self, Refused> {
        // Spreadsheets read UTF-8 only behind this mark.
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
        let mut export = Self { writer, rows: 0, columns: columns.len() };
        export.write(columns.iter().map(|name| (*name).to_owned()))?;
        Ok(export)
    }

    /// One row; `false` when no more are taken.
    pub(crate) fn row(&mut self, cells: &[&str]) -> Result<bool, Refused> {
        self.write(cells.iter().map(|text| cell(text)))?;
        self.rows += 1;
        Ok(self.rows < ROWS)
    }

    fn write(&mut self, cells: impl Iterator<Item = String>) -> Result<(), Refused> {
        self.writer.write_record(cells).map_err(|error| defect(&error))
    }

    /// The file; `more` says, in its last row, that there is more than was written.
    pub(crate) fn finish(mut self, name: &str, more: Option<&str>) -> Answer {
        if let Some(more) = more {
            let blanks = std::iter::repeat_n(String::new(), self.columns.saturating_sub(1));
            self.write(std::iter::once(cell(more)).chain(blanks))?;
        }
        let bytes = self.writer.into_inner().map_err(|error| defect(error.error()))?;
        let disposition = format!("attachment; filename=\"lienthong-{name}.csv\"");
        let head =
            [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        let response: Response = (head, bytes).into_response();
        Ok(response)
    }
}

/// A text that a spreadsheet takes for text.
fn cell(text: &str) -> String {
    let text = plain(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

fn defect(error: &impl std::fmt::Display) -> Refused {
    Fault::new(FaultCode::Internal.kind(), FaultCode::Internal, format!("a list cannot be written: {error}")).into()
}

#[cfg(test)]
mod unit {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn formulas_and_marks_are_harmless_and_an_early_end_is_told() {
        let mut export = Export::new(&["mã", "lỗi"]).unwrap();
        assert!(export.row(&["=cmd|' /C calc'!A0", "a\u{202e}b, \"c\""]).unwrap());
        let response = export.finish("errors", Some("còn nữa")).unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(text, "\u{feff}mã,lỗi\r\n'=cmd|' /C calc'!A0,\"a\u{fffd}b, \"\"c\"\"\"\r\ncòn nữa,\r\n");
    }
}
