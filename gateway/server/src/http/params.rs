//! Query parameters: every unknown, repeated or unreadable one is named, all at once. It knows no particular list.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::Query;
use http::Uri;
use lienthong_core::{Fault, FaultCode, FieldProblem, limits};
use lienthong_journal::Cursor;

/// Rows of a page when the caller does not say.
const DEFAULT_ROWS: usize = 100;
/// Longest cursor taken, in bytes; ours are far shorter.
const CURSOR_BYTES: usize = 512;

/// One thing the request's head got wrong: `?name` a query parameter, `{name}` a path parameter, `/pointer` a field of the body, a bare name a header.
pub(crate) fn bad(place: &str, problem: impl Display) -> Fault {
    let problem = problem.to_string();
    refused(&format!("{place} {problem}")).with_problem(FieldProblem::new(place, problem))
}

fn refused(detail: &str) -> Fault {
    Fault::new(FaultCode::BadParameter.kind(), FaultCode::BadParameter, detail)
}

/// A request's query, taken apart parameter by parameter.
#[derive(Debug)]
pub(crate) struct Parameters {
    left: Vec<(String, String)>,
    problems: Vec<FieldProblem>,
    /// What names of parameters begin with in problems.
    place: char,
}

impl Parameters {
    pub(crate) fn of(uri: &Uri) -> Self {
        match Query::<Vec<(String, String)>>::try_from_uri(uri) {
            Ok(Query(left)) => Self { left, problems: Vec::new(), place: '?' },
            Err(_) => Self { left: Vec::new(), problems: vec![FieldProblem::new("?", "is not a query")], place: '?' },
        }
    }

    /// Members of a body that are written as parameters are.
    pub(crate) fn of_fields(left: Vec<(String, String)>) -> Self {
        Self { left, problems: Vec::new(), place: '/' }
    }

    /// A parameter as its type reads it; an empty one counts as absent.
    pub(crate) fn take<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        self.take_as(name, |text| text.parse().map_err(|problem: T::Err| problem.to_string()))
    }

    /// A parameter as `read` reads it.
    pub(crate) fn take_as<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let place = self.left.iter().position(|(found, _)| found == name)?;
        let (_, text) = self.left.swap_remove(place);
        if text.is_empty() {
            return None;
        }
        read(&text).map_err(|problem| self.wrong(name, problem)).ok()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.take_as(name, |text| text.parse().map_err(|_| "must be true or false".to_owned())).unwrap_or(false)
    }

    /// Rows of one page, from 1 to [`limits::PAGE_ROWS`].
    pub(crate) fn limit(&mut self) -> usize {
        let read = |text: &str| match text.parse::<usize>() {
            Ok(rows) if (1..=limits::PAGE_ROWS).contains(&rows) => Ok(rows),
            Ok(_) | Err(_) => Err(format!("must be a number from 1 to {}", limits::PAGE_ROWS)),
        };
        self.take_as("limit", read).unwrap_or(DEFAULT_ROWS)
    }

    /// Where a page begins; the list itself says whether the cursor is its own.
    pub(crate) fn cursor(&mut self) -> Result<Option<Cursor>, Fault> {
        let place = self.left.iter().position(|(found, _)| found == "cursor");
        let text = place.map(|place| self.left.swap_remove(place).1);
        cursor_of(text.unwrap_or_default(), self.place)
    }

    /// Everything that was wrong, what nobody took included.
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        for (name, _) in std::mem::take(&mut self.left) {
            let repeated = self.problems.iter().any(|problem| problem.pointer == format!("{}{name}", self.place));
            if !repeated {
                self.wrong(&excerpt(&name), "is not known here, or is given twice".to_owned());
            }
        }
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(refused("the conditions have problems").with_problems(self.problems))
    }

    fn wrong(&mut self, name: &str, problem: String) {
        self.problems.push(FieldProblem::new(format!("{}{name}", self.place), problem));
    }
}

/// A cursor no longer than any of ours; an empty one is none.
pub(crate) fn cursor_of(text: String, place: char) -> Result<Option<Cursor>, Fault> {
    match text.len() {
        0 => Ok(None),
        1..=CURSOR_BYTES => Ok(Some(Cursor(text))),
        _long => Err(bad_cursor(place)),
    }
}

fn excerpt(name: &str) -> String {
    lienthong_core::text::excerpt(name, 64)
}

pub(crate) fn bad_cursor(place: char) -> Fault {
    Fault::new(FaultCode::BadCursor.kind(), FaultCode::BadCursor, "the cursor is none of ours")
        .with_problem(FieldProblem::new(format!("{place}cursor"), "is not one of this list"))
}

#[cfg(test)]
mod tests {
    use lienthong_core::{BusinessKey, SystemId};

    use super::*;

    fn parameters(query: &str) -> Parameters {
        Parameters::of(&format!("/v1/exchanges?{query}").parse().unwrap())
    }

    #[test]
    fn parameters_are_decoded_and_typed() {
        let mut found = parameters("key=H%C6%B0ng+1&limit=7&system=portal&empty=");
        assert_eq!(found.take::<BusinessKey>("key").unwrap().as_str(), "Hưng 1");
        assert_eq!((found.limit(), found.take::<SystemId>("system").unwrap().as_str()), (7, "portal"));
        assert_eq!(found.take::<SystemId>("empty"), None);
        found.finish().unwrap();
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let mut found = parameters("system=UPPER&limit=0&flag=yes&unknown=1&key=a&key=b");
        let _ = (found.take::<SystemId>("system"), found.limit(), found.flag("flag"), found.take::<BusinessKey>("key"));
        let fault = found.finish().unwrap_err();
        assert_eq!(fault.code, FaultCode::BadParameter);
        let mut named: Vec<&str> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["?flag", "?key", "?limit", "?system", "?unknown"]);
    }

    #[test]
    fn a_cursor_is_bounded_before_any_list_sees_it() {
        assert_eq!(parameters("cursor=abc").cursor().unwrap(), Some(Cursor("abc".into())));
        let long = format!("cursor={}", "a".repeat(CURSOR_BYTES + 1));
        assert_eq!(parameters(&long).cursor().unwrap_err().code, FaultCode::BadCursor);
    }
}
