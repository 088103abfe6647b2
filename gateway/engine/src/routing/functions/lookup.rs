//! `lookup` and `lookup_back`: a code table's row by the day that counts. A code without a row is a fault that names table, code and day.

use std::sync::Arc;

use jiff::civil::Date;
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::{Collection, Field, Kind, ObjectMap, kind};
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared, Refused};
use super::told::{Told, shown_code};
use crate::tables::{Missing, Row, Table, Tables};

const TABLE: At = ("table", 0);
const CODE: At = ("code", 1);
const VALUE: At = ("value", 1);
const DAY: At = ("at", 2);
const COLUMN: At = ("column", 3);

const TABLE_PARAMETER: Parameter = Parameter::required("table", kind::BYTES, "The table's name, written out.");
const DAY_PARAMETER: Parameter =
    Parameter::required("at", kind::BYTES | kind::TIMESTAMP | kind::NULL, "The day that counts.");
const COLUMN_PARAMETER: Parameter = Parameter::optional("column", kind::BYTES, "The column wanted, written out.");
const CODES: u16 = kind::BYTES | kind::INTEGER | kind::ARRAY | kind::NULL;

pub(super) const LOOKUP: Own = Own {
    name: "lookup",
    usage: "What a code means in a code table on a day: the value, or an object of the value columns where there are several.",
    parameters: &[
        TABLE_PARAMETER,
        Parameter::required("code", CODES, "The code; an array where the table's key has several columns."),
        DAY_PARAMETER,
        COLUMN_PARAMETER,
    ],
    returns: kind::BYTES | kind::OBJECT,
    prepare: lookup,
};

pub(super) const LOOKUP_BACK: Own = Own {
    name: "lookup_back",
    usage: "The code that has a value in a one-to-one column of a code table on a day.",
    parameters: &[
        TABLE_PARAMETER,
        Parameter::required("value", kind::BYTES | kind::INTEGER | kind::NULL, "The value."),
        DAY_PARAMETER,
        COLUMN_PARAMETER,
    ],
    returns: kind::BYTES | kind::OBJECT,
    prepare: lookup_back,
};

fn lookup(tables: &Arc<Tables>, known: &[Option<Value>]) -> Result<Prepared, Refused> {
    let table = table(tables, known)?;
    let columns = &table.spec.values;
    let column = match (argument::written_or_none(known, COLUMN), columns.as_slice()) {
        (Some(column), _) => Some(in_table(&table, &column, columns)?),
        (None, [single]) => Some(single.clone()),
        (None, _) => None,
    };
    let returns = match &column {
        Some(_) => TypeDef::bytes(),
        None => TypeDef::object(texts(columns)),
    };
    Ok(Prepared::new(returns.fallible(), move |values| {
        let (code, day) = (argument::code(values, CODE)?, argument::day(values, DAY)?);
        let row = find(&table, &code, day, CODE)?;
        Ok(match &column {
            Some(column) => cell(&table, row, column),
            None => object(&table.spec.values, &row.values),
        })
    }))
}

fn lookup_back(tables: &Arc<Tables>, known: &[Option<Value>]) -> Result<Prepared, Refused> {
    let table = table(tables, known)?;
    let columns = &table.spec.one_to_one;
    let column = match (argument::written_or_none(known, COLUMN), columns.as_slice()) {
        (_, []) => {
            let problem = format!("table {} is not declared one-to-one", table.spec.name);
            return Err((problem, "declare the columns that lead back in `one_to_one` of config/tables".to_owned()));
        }
        (Some(column), _) => in_table(&table, &column, columns)?,
        (None, [single]) => single.clone(),
        (None, _) => {
            let problem = format!("`column` is missing: table {} leads back from several", table.spec.name);
            return Err((problem, format!("name one of {}", columns.join(", "))));
        }
    };
    let returns = if table.spec.key.len() == 1 { TypeDef::bytes() } else { TypeDef::object(texts(&table.spec.key)) };
    Ok(Prepared::new(returns.fallible(), move |values| {
        let parts = argument::code(values, VALUE)?;
        let (value, day) = (parts.join("/"), argument::day(values, DAY)?);
        let found = table.lookup_back(&column, &value, day);
        let row =
            found.map_err(|missing| unmapped(&table, std::slice::from_ref(&value), &column, day, missing, VALUE))?;
        Ok(match row.key.as_slice() {
            [single] => Value::from(single.as_str()),
            key => object(&table.spec.key, key),
        })
    }))
}

/// The table a call names.
fn table(tables: &Arc<Tables>, known: &[Option<Value>]) -> Result<Arc<Table>, Refused> {
    let name = argument::written(known, TABLE, "the table's name")?;
    named(tables, &name)
}

pub(super) fn named(tables: &Arc<Tables>, name: &str) -> Result<Arc<Table>, Refused> {
    tables.get(name).cloned().ok_or_else(|| {
        let names: Vec<&str> = tables.names().collect();
        let remedy = if names.is_empty() {
            "declare it in tables/tables.yaml".to_owned()
        } else {
            format!("the tables are {}", names.join(", "))
        };
        (format!("there is no table {name}"), remedy)
    })
}

fn in_table(table: &Table, column: &str, columns: &[String]) -> Result<String, Refused> {
    if columns.iter().any(|known| known == column) {
        return Ok(column.to_owned());
    }
    let problem = format!("table {} has no such column `{column}`", table.spec.name);
    Err((problem, format!("its columns for this are {}", columns.join(", "))))
}

/// The row of a code, or the fault that says what is missing.
pub(super) fn find<'t>(table: &'t Table, code: &[String], day: Date, at: At) -> Result<&'t Row, Told> {
    let column = table.spec.key.first().map_or("", String::as_str);
    table.lookup(code, day).map_err(|missing| unmapped(table, code, column, day, missing, at))
}

fn unmapped(table: &Table, code: &[String], column: &str, day: Date, missing: Missing, at: At) -> Told {
    let name = &table.spec.name;
    let problem = match missing {
        Missing::Unknown => format!("has no row in table {name} (looked up for {day})"),
        Missing::OtherDay => format!("has no row in table {name} that holds on {day}, only on other days"),
    };
    let class = if table.is_personal(column) {
        "personal".to_owned()
    } else {
        code.iter().map(|part| shown_code(part)).collect::<Vec<_>>().join("/")
    };
    Told::new(at, problem).classed(class).in_table(name)
}

fn cell(table: &Table, row: &Row, column: &str) -> Value {
    Value::from(table.value(row, column).unwrap_or_default())
}

fn texts(columns: &[String]) -> Collection<Field> {
    Collection::from_parts(
        columns.iter().map(|column| (Field::from(column.as_str()), Kind::bytes())).collect(),
        Kind::undefined(),
    )
}

fn object(columns: &[String], cells: &[String]) -> Value {
    let fields = columns.iter().zip(cells).map(|(name, cell)| (name.as_str().into(), Value::from(cell.as_str())));
    Value::Object(fields.collect::<ObjectMap>())
}
