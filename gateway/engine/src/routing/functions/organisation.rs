//! `organisation_new` and `organisation_old`: organisation ids from one form to the other. Tables decide; structure only where a table says it may.

use std::sync::Arc;

use jiff::civil::Date;
use lienthong_formats::organisation::{self, Form};
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::kind;
use vrl::value::Value;

use super::argument::{self, At};
use super::lookup;
use super::own::{Own, Prepared, Refused};
use super::told::{Told, shown_code};
use crate::tables::{Table, Tables};

/// Pairs of ids known with certainty: key `old`, value `new`, one-to-one.
const IDS: &str = "organisation-ids";
/// Level-1 organisations: key `code`, value `by_structure`, `yes` where the ids below it may be converted by their structure.
const ORGANISATIONS: &str = "organisations";
const BY_STRUCTURE: &str = "by_structure";
const NEW: &str = "new";

const ID: At = ("id", 0);
const DAY: At = ("at", 1);
const PARAMETERS: &[Parameter] = &[
    Parameter::required("id", kind::BYTES, "The organisation id, in either form."),
    Parameter::required("at", kind::BYTES | kind::TIMESTAMP | kind::NULL, "The day that counts."),
];

pub(super) const ORGANISATION_NEW: Own = Own {
    name: "organisation_new",
    usage: "An organisation id in the new form (H56.14); one that has it already is itself.",
    parameters: PARAMETERS,
    returns: kind::BYTES,
    prepare: |tables, _| prepare(tables, Form::New),
};

pub(super) const ORGANISATION_OLD: Own = Own {
    name: "organisation_old",
    usage: "An organisation id in the old form (000.00.14.H56); one that has it already is itself.",
    parameters: PARAMETERS,
    returns: kind::BYTES,
    prepare: |tables, _| prepare(tables, Form::Old),
};

fn prepare(tables: &Arc<Tables>, wanted: Form) -> Result<Prepared, Refused> {
    let (ids, roots) = (lookup::named(tables, IDS)?, lookup::named(tables, ORGANISATIONS)?);
    let needs = |table: &Table, columns: &[String], column: &str| {
        let has = columns.iter().any(|known| known == column);
        let problem = format!("table {} lacks what organisation ids need: `{column}`", table.spec.name);
        if has { Ok(()) } else { Err((problem, "see docs/mapping.md for the two tables".to_owned())) }
    };
    needs(&ids, &ids.spec.one_to_one, NEW)?;
    needs(&roots, &roots.spec.values, BY_STRUCTURE)?;
    Ok(Prepared::new(TypeDef::bytes().fallible(), move |values| {
        let (id, day) = (argument::text(values, ID)?, argument::day(values, DAY)?);
        converted(&ids, &roots, id, wanted, day).map(Value::from)
    }))
}

fn converted(ids: &Table, roots: &Table, id: &str, wanted: Form, day: Date) -> Result<String, Told> {
    let form = organisation::form(id)
        .ok_or_else(|| Told::new(ID, "is no organisation id such as H56.14 or 000.00.14.H56").classed("text"))?;
    if form == wanted {
        return Ok(id.to_owned());
    }
    let listed = match wanted {
        Form::New => ids.lookup(&[id], day).ok().and_then(|row| ids.value(row, NEW)).map(str::to_owned),
        Form::Old => ids.lookup_back(NEW, id, day).ok().map(|row| row.code()),
    };
    if let Some(listed) = listed {
        return Ok(listed);
    }
    let root = organisation::root(id).unwrap_or_default();
    let row = roots.lookup(&[root], day).ok();
    let may = row.and_then(|row| roots.value(row, BY_STRUCTURE)).is_some_and(|text| text == "yes");
    let made = match wanted {
        Form::New => organisation::new_form(id),
        Form::Old => organisation::old_form(id),
    };
    made.filter(|_| may).ok_or_else(|| {
        let why = if may { "and its structure has no such form" } else { "and may not be converted by its structure" };
        let problem = format!("has no row in table {IDS} that holds on {day}, {why}");
        Told::new(ID, problem).classed(shown_code(id)).in_table(IDS)
    })
}
