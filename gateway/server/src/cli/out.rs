//! Everything the commands print: results on standard output, the rest on standard error. It formats and decides nothing.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, LineStyle, Table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::Failure;

/// Where a command's words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    json: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A line of the result. A reader that has gone away is no error.
    pub(crate) fn line(self, text: impl std::fmt::Display) {
        let _gone: std::io::Result<()> = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A line beside the result.
    pub(crate) fn note(self, text: impl std::fmt::Display) {
        let _gone: std::io::Result<()> = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// One JSON document on a line of its own.
    pub(crate) fn value(self, value: &Value) {
        self.line(value);
    }

    /// Rows under headings, as wide as the terminal.
    pub(crate) fn table(self, headings: &[&str], rows: Vec<Vec<String>>) {
        let mut table = Table::new();
        let style = UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()).top_border(LineStyle::none());
        table.load_style(style).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(headings.iter().copied());
        rows.into_iter().for_each(|row| {
            table.add_row(row);
        });
        self.line(table);
    }

    /// Why a command failed: for people as a text, for programs as one JSON object on standard output.
    pub(crate) fn failure(self, failure: &Failure) {
        if matches!(failure, Failure::Told) {
            return;
        }
        if self.json {
            let mut value = json!({ "error": failure.to_string() });
            if let (Failure::Configuration(problems), Some(object)) = (failure, value.as_object_mut()) {
                object.insert("problems".to_owned(), json!(problems));
            }
            self.value(&value);
            return;
        }
        if let Failure::Configuration(problems) = failure {
            for problem in problems {
                self.note(problem);
            }
        }
        self.note(format_args!("lienthong: {failure}"));
    }

    /// A bar on a terminal, nothing visible otherwise. `template` is indicatif's.
    pub(crate) fn bar(self, length: Option<u64>, template: &str) -> ProgressBar {
        let hidden = self.json || !std::io::stderr().is_terminal();
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}
