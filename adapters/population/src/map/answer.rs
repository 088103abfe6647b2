//! Reads the database's answers: SOAP, or the wrapper's JSON around it. Nothing inside is nobody; what cannot be read is neither.

use lienthong_core::secret::Personal;
use lienthong_core::{Fault, FaultKind, FieldProblem};
use lienthong_formats::xml::{self, Element, Limits};
use lienthong_kit::fault::{is_html, is_page, without_mark};
use lienthong_kit::hidden::Hidden;
use lienthong_kit::loose::Text;
use serde::Deserialize;

use super::citizen;
use crate::config::Meaning;
use crate::fault::{Judge, Refusal, nobody, unintelligible};
use crate::model::{Citizen, CitizenVerified, Household, MaritalStatusConfirmed};
use crate::wire::{SOAP, answer as wire};

#[cfg(test)]
mod tests;

/// Largest answer that is read, in bytes. A citizen is some kilobytes, a household some dozens.
pub(crate) const BYTES: usize = 4 * 1024 * 1024;

const LIMITS: Limits = Limits::MESSAGE.with_bytes(BYTES);

/// The wrapper's answer. The code is a text in one province and a number in another.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    error_code: Text,
    #[serde(default)]
    message: Text,
}

/// The SOAP body, where the answer is one and no fault.
pub(crate) fn of_soap(judge: &Judge, answer: &[u8], hidden: Hidden<'_>) -> Result<Element, Fault> {
    if answer.trim_ascii().is_empty() {
        return Err(unintelligible("the answer is empty"));
    }
    let root = xml::read(answer, &LIMITS).map_err(|error| unintelligible(error.to_string()))?;
    if root.name != "Envelope" || root.namespace.as_deref() != Some(SOAP) {
        return Err(unintelligible("the answer is no SOAP 1.1 envelope"));
    }
    let mut bodies = root.children.into_iter().filter(|child| child.name == "Body");
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return Err(unintelligible("the answer has no SOAP body"));
    };
    match body.child("Fault") {
        Some(fault) => Err(of_soap_fault(judge, fault, hidden)),
        None => Ok(body),
    }
}

/// SOAP 1.1 §4.4: `Client` is the question's fault, `Server` that of whoever answers.
fn of_soap_fault(judge: &Judge, fault: &Element, hidden: Hidden<'_>) -> Fault {
    let code = fault.child_text("faultcode").unwrap_or_default();
    let code = code.rsplit_once(':').map_or(code, |(_, local)| local);
    let otherwise = match code.split('.').next() {
        Some("Client") => Meaning::Rejected,
        Some(_) | None => Meaning::Unknown,
    };
    judge.refusal(&Refusal { code, words: fault.child_text("faultstring").unwrap_or_default(), otherwise }, hidden)
}

/// The SOAP body that the wrapper hands over as a text.
pub(crate) fn of_wrapper(
    judge: &Judge,
    success_codes: &[String],
    answer: &[u8],
    hidden: Hidden<'_>,
) -> Result<Element, Fault> {
    let Envelope { error_code: Text(code), message: Text(message) } = envelope(answer)?;
    let (code, words) = (code.trim(), message.trim());
    let markup = is_page(words.as_bytes());
    if code.is_empty() {
        return Err(unintelligible("the answer has no error_code"));
    }
    if !success_codes.iter().any(|known| known == code) {
        if markup && let Err(fault) = of_soap(judge, words.as_bytes(), hidden) {
            return Err(fault);
        }
        let server = code.len() == 3 && code.starts_with('5');
        let otherwise = if server || markup { Meaning::Unknown } else { Meaning::Rejected };
        let words = if markup { "" } else { words };
        return Err(judge.refusal(&Refusal { code, words, otherwise }, hidden));
    }
    if markup && !is_html(words.as_bytes()) {
        return of_soap(judge, words.as_bytes(), hidden);
    }
    if words.is_empty() {
        return Err(unintelligible("the answer's message is empty"));
    }
    // A page or words where an answer belongs: known ones tell something, others nothing. A page is not repeated.
    let fault = judge.refusal(&Refusal { code: "", words, otherwise: Meaning::Unknown }, hidden);
    Err(if markup { Fault { system_text: None, ..fault } } else { fault })
}

/// Whether the body itself tells why it is a refusal: some front ends say 400 beside the envelope.
pub(crate) fn tells(success_codes: &[String], answer: &[u8]) -> bool {
    envelope(answer).is_ok_and(|Envelope { error_code: Text(code), message: Text(message) }| {
        !code.trim().is_empty() && !success_codes.contains(&code) && !message.trim().is_empty()
    })
}

fn envelope(answer: &[u8]) -> Result<Envelope, Fault> {
    let answer = without_mark(answer).trim_ascii();
    if answer.first() != Some(&b'{') {
        return Err(unintelligible("the answer is not a JSON object"));
    }
    serde_json::from_slice(answer).map_err(|error| {
        unintelligible(format!("the answer has another shape, at line {}, column {}", error.line(), error.column()))
    })
}

/// The one citizen who fits. A citizen without a name is nobody.
pub(crate) fn found(body: &Element, operation: &str, number: Option<&str>) -> Result<Citizen, Fault> {
    let people = below(body, wire::CITIZEN);
    if people.is_empty() {
        return Err(nobody_in(body, operation, "the answer holds no citizen"));
    }
    let mut named = people.into_iter().map(citizen::read).filter(|citizen| citizen.name.is_some());
    let Some(first) = named.next() else { return Err(nobody()) };
    if named.next().is_some() {
        let problem = "is needed, or the birth date: several people fit";
        return Err(Fault::of(FaultKind::Rejected, "the population database has several people who fit")
            .with_problem(FieldProblem::new("/identity_number", problem).of_class("ambiguous")));
    }
    is_asked_about(first.identity_number.as_ref(), number)?;
    Ok(first)
}

/// The boolean, wherever it stands. Its absence says nothing.
pub(crate) fn verified(body: &Element, exists: &str) -> Result<CitizenVerified, Fault> {
    let said: Vec<Option<bool>> = below(body, exists).into_iter().map(|element| boolean(element.text.trim())).collect();
    match said.as_slice() {
        [Some(first), rest @ ..] if rest.iter().all(|other| *other == Some(*first)) => {
            Ok(CitizenVerified { exists: Personal(*first) })
        }
        [] => Err(unintelligible(format!("the answer holds no {exists}"))),
        [_, ..] => Err(unintelligible(format!("{exists} is neither true nor false"))),
    }
}

/// XML Schema's boolean, in any case.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _neither => None,
    }
}

/// The household's members; blank ones are nobody.
pub(crate) fn household(
    body: &Element,
    (operation, member): (&str, &str),
    number: Option<&str>,
) -> Result<Household, Fault> {
    let people = below(body, member);
    if people.is_empty() {
        return Err(nobody_in(body, operation, "the answer holds no member of a household"));
    }
    let is_somebody = |one: &Citizen| *one != Citizen::default();
    let members: Vec<Citizen> = people.into_iter().map(citizen::read).filter(is_somebody).collect();
    if members.is_empty() {
        return Err(nobody());
    }
    let own = |one: &Citizen| is_asked_about(one.identity_number.as_ref(), number).is_ok();
    if !members.iter().any(own) {
        return Err(unintelligible("the answer is about another household"));
    }
    Ok(Household { members })
}

/// The one person's status; who has none and no name either is nobody.
pub(crate) fn marital_status(
    body: &Element,
    operation: &str,
    (person, status): (&str, &str),
    number: Option<&str>,
) -> Result<MaritalStatusConfirmed, Fault> {
    let people = below(body, person);
    if people.is_empty() {
        return Err(nobody_in(body, operation, "the answer holds no person"));
    }
    let mut told = people.into_iter().filter(|person| !is_blank(person));
    let Some(person) = told.next() else { return Err(nobody()) };
    if told.next().is_some() {
        return Err(unintelligible("the answer is about several people"));
    }
    let Citizen { identity_number, name, spouse, .. } = citizen::read(person);
    is_asked_about(identity_number.as_ref(), number)?;
    let code = below(person, status).into_iter().map(|element| element.text.trim()).find(|code| !code.is_empty());
    let code = code.ok_or_else(|| unintelligible(format!("the person has no {status}")))?;
    Ok(MaritalStatusConfirmed {
        identity_number,
        name,
        marital_status: citizen::marital_status(code),
        marital_status_code: Personal(code.to_owned()),
        spouse,
    })
}

/// Somebody else's data must never be taken for the citizen's.
fn is_asked_about(told: Option<&Personal<String>>, number: Option<&str>) -> Result<(), Fault> {
    match (told, number) {
        (Some(Personal(told)), Some(asked)) if told != asked => {
            Err(unintelligible("the answer is about somebody else"))
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// An answer without anybody: nobody when there is nothing inside what answers this question, else what it means is unknown.
fn nobody_in(body: &Element, operation: &str, otherwise: &str) -> Fault {
    let known =
        |name: &str| name.eq_ignore_ascii_case(wire::COLLECTION) || name.strip_suffix("Response") == Some(operation);
    match body.children.as_slice() {
        [] if is_blank(body) => nobody(),
        [one] if known(&one.name) && is_blank(one) => nobody(),
        [] | [_, ..] => unintelligible(otherwise),
    }
}

fn is_blank(element: &Element) -> bool {
    element.text.trim().is_empty() && element.children.iter().all(is_blank)
}

/// Every element of that name below, none of them inside another.
fn below<'e>(element: &'e Element, name: &str) -> Vec<&'e Element> {
    let mut found = Vec::new();
    for child in &element.children {
        if child.name == name {
            found.push(child);
        } else {
            found.extend(below(child, name));
        }
    }
    found
}
