//! Notices as the file the portal relays, `ROW_LIST` and all: right, repeated, with bad rows, for dossiers nobody knows; it must not be pushed from here.

use super::ledger::Debt;
use crate::net::rng::Rng;
use crate::net::xml::escaped;
use crate::portal::TermSpelling;

/// A file of notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeFile {
    /// What `FileThongBaoThue` carries in base64.
    pub xml: String,
    /// Dossiers in it, in order; one that was repeated stands twice.
    pub dossiers: Vec<String>,
    /// Rows in it, bad ones included.
    pub rows: usize,
}

/// What is wrong with a row on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// No `SO_QUYET_DINH`.
    NoDecision,
    /// `NGAY_QUYET_DINH` is the 30th of February.
    BadDate,
    /// `SO_TIEN` is words.
    AmountInWords,
    /// `MA_HSO` of the whole entry is empty.
    NoDossier,
}

const BAD_ROWS: [BadRow; 4] = [BadRow::NoDecision, BadRow::BadDate, BadRow::AmountInWords, BadRow::NoDossier];

/// How a file of many notices is made.
#[derive(Clone, Debug)]
pub struct NoticeBatch {
    /// Dossiers the province knows; each gets a notice until there are enough.
    pub dossiers: Vec<String>,
    /// How many entries the file has.
    pub notices: usize,
    /// How many of them repeat an earlier entry, byte for byte.
    pub duplicates: usize,
    /// How many are about dossiers nobody knows.
    pub unknown: usize,
    /// How many hold a row that cannot be read; the kinds take turns.
    pub bad: usize,
    /// How many have two equal rows: two instalments of one decision.
    pub instalments: usize,
    /// How the tag of the tax item is spelled.
    pub spelling: TermSpelling,
    pub seed: u64,
}

impl Default for NoticeBatch {
    fn default() -> Self {
        Self {
            dossiers: Vec::new(),
            notices: 200,
            duplicates: 1,
            unknown: 1,
            bad: 1,
            instalments: 1,
            spelling: TermSpelling::default(),
            seed: 1,
        }
    }
}

struct Row {
    tax_code: String,
    decision: String,
    day: String,
    item: String,
    amount: String,
}

impl NoticeFile {
    /// The notices of debts. The file has no due dates: instalments are equal rows.
    pub(super) fn of(dossiers: impl Iterator<Item = (String, Vec<Debt>)>, spelling: TermSpelling) -> Self {
        let mut entries = Vec::new();
        for (dossier, debts) in dossiers {
            let row = |debt: &Debt| Row {
                tax_code: debt.tax_code.clone(),
                decision: debt.decision.clone(),
                day: turned(&debt.decided_on),
                item: debt.item_name.clone(),
                amount: debt.amount.to_string(),
            };
            entries.push((dossier, debts.iter().map(row).collect()));
        }
        Self::written(entries, spelling)
    }

    fn written(entries: Vec<(String, Vec<Row>)>, spelling: TermSpelling) -> Self {
        let term = match spelling {
            TermSpelling::Underscored => "TEN_TIEU_MUC",
            TermSpelling::Joined => "TEN_TIEUMUC",
        };
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DATA><BODY>");
        let mut rows = 0;
        for (dossier, list) in &entries {
            xml.push_str(&format!("<ROW_LIST><MA_HSO>{}</MA_HSO>", escaped(dossier)));
            for Row { tax_code, decision, day, item, amount } in list {
                rows += 1;
                xml.push_str("<LIST>");
                for (name, text) in [
                    ("MA_SO_THUE", tax_code),
                    ("SO_QUYET_DINH", decision),
                    ("NGAY_QUYET_DINH", day),
                    (term, item),
                    ("SO_TIEN", amount),
                ] {
                    xml.push_str(&format!("<{name}>{}</{name}>", escaped(text)));
                }
                xml.push_str("</LIST>");
            }
            xml.push_str("</ROW_LIST>");
        }
        xml.push_str("</BODY></DATA>\n");
        Self { xml, dossiers: entries.into_iter().map(|(dossier, _)| dossier).collect(), rows }
    }
}

/// `yyyy-MM-dd` as `dd-MM-yyyy`.
fn turned(day: &str) -> String {
    day.split('-').rev().collect::<Vec<_>>().join("-")
}

impl NoticeBatch {
    /// The file: what is right first, then what is not, so that a reader who stops at the first bad row is found out by an entry
    /// behind it: the last entry is right again.
    pub fn file(&self) -> NoticeFile {
        let mut rng = Rng::new(self.seed ^ 0x6e6f);
        let special = self.duplicates + self.unknown + self.bad;
        let right = self.notices.saturating_sub(special);
        let mut entries: Vec<(String, Vec<Row>)> = Vec::with_capacity(self.notices);
        let known = |place: usize| match self.dossiers.len() {
            0 => format!("H56.14-250115-{:04}", place + 1),
            count => self.dossiers.get(place % count).cloned().unwrap_or_default(),
        };
        for place in 0..right {
            let mut rows = vec![row(&mut rng, place)];
            if place < self.instalments {
                rows.push(again(rows.first()));
            }
            entries.push((known(place), rows));
        }
        let last = if special > 0 { entries.pop() } else { None };
        for place in 0..self.unknown {
            entries.push((format!("H99.99-250115-{:04}", place + 1), vec![row(&mut rng, right + place)]));
        }
        for place in 0..self.bad {
            let bad = BAD_ROWS.get(place % BAD_ROWS.len()).copied().unwrap_or(BadRow::BadDate);
            entries.push(spoiled(bad, known(place), row(&mut rng, right + self.unknown + place)));
        }
        for place in 0..self.duplicates {
            if let Some((dossier, rows)) = entries.get(place) {
                let copy = (dossier.clone(), rows.iter().map(|row| again(Some(row))).collect());
                entries.push(copy);
            }
        }
        entries.extend(last);
        NoticeFile::written(entries, self.spelling)
    }
}

fn row(rng: &mut Rng, place: usize) -> Row {
    Row {
        tax_code: "2800000002".to_owned(),
        decision: format!("LTB2512345-TK{:07}/TB-CCT", place + 1),
        day: "15-01-2025".to_owned(),
        item: "Lệ phí trước bạ nhà đất".to_owned(),
        amount: (100_000 + rng.below(9_000) * 500).to_string(),
    }
}

fn again(row: Option<&Row>) -> Row {
    let text = |of: fn(&Row) -> &String| row.map(of).cloned().unwrap_or_default();
    Row {
        tax_code: text(|row| &row.tax_code),
        decision: text(|row| &row.decision),
        day: text(|row| &row.day),
        item: text(|row| &row.item),
        amount: text(|row| &row.amount),
    }
}

fn spoiled(bad: BadRow, dossier: String, mut row: Row) -> (String, Vec<Row>) {
    match bad {
        BadRow::NoDecision => row.decision.clear(),
        BadRow::BadDate => "30-02-2014".clone_into(&mut row.day),
        BadRow::AmountInWords => "bốn triệu đồng".clone_into(&mut row.amount),
        BadRow::NoDossier => return (String::new(), vec![row]),
    }
    (dossier, vec![row])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::xml::tree;

    #[test]
    fn a_file_has_as_many_entries_as_asked_and_its_last_is_right() {
        let batch = NoticeBatch { duplicates: 2, unknown: 3, bad: 4, instalments: 5, ..NoticeBatch::default() };
        let file = batch.file();
        assert_eq!((file.dossiers.len(), file.rows), (200, 207), "two of the repeated have two rows");
        assert_eq!(file, batch.file());
        let root = tree(&file.xml).unwrap();
        let body = root.child("BODY").unwrap();
        assert_eq!(body.children.len(), 200);
        let last = body.children.last().unwrap();
        assert_eq!(last.value("MA_HSO"), Some("H56.14-250115-0191"));
        assert_eq!(last.child("LIST").unwrap().value("NGAY_QUYET_DINH"), Some("15-01-2025"));
        let instalments = &body.children[0].children;
        assert_eq!(instalments[1], instalments[2]);
    }

    #[test]
    fn the_tag_of_the_item_has_both_spellings() {
        let joined = NoticeBatch { spelling: TermSpelling::Joined, ..NoticeBatch::default() };
        assert!(joined.file().xml.contains("<TEN_TIEUMUC>"));
        assert!(NoticeBatch::default().file().xml.contains("<TEN_TIEU_MUC>"));
    }
}
