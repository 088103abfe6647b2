//! Tables as CSV for spreadsheets: UTF-8 that they recognise, and nothing they would carry out. It knows no table.

/// A table with its head.
pub fn csv<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    // Spreadsheets read UTF-8 only behind this mark.
    let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    let mut sheet = Sheet { writer };
    sheet.row(head.iter().map(|name| (*name).to_owned()));
    for row in rows {
        sheet.row(row.as_ref().iter().map(|cell| harmless(cell)));
    }
    sheet.writer.into_inner().unwrap_or_default()
}

struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    fn row(&mut self, cells: impl Iterator<Item = String>) {
        // Rows of one table have the width of its head, and memory does not refuse: nothing can fail here.
        let _written: Result<(), csv::Error> = self.writer.write_record(cells);
    }
}

/// A text that a spreadsheet takes for text.
fn harmless(cell: &str) -> String {
    let shown = lienthong_core::text::shown(cell);
    if shown.starts_with(['=', '+', '-', '@']) { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_marks_are_harmless() {
        let rows = [vec!["=1+1".to_owned(), "a\u{202e}b".to_owned()], vec!["Đ, \"c\"".to_owned(), String::new()]];
        let text = String::from_utf8(csv(&["mã", "x"], rows)).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines.first(), Some(&"\u{feff}mã,x"));
        assert!(lines[1].starts_with("'=1+1,a") && !lines[1].contains('\u{202e}'), "{text}");
        assert_eq!(lines[2], "\"Đ, \"\"c\"\"\",");
    }
}
