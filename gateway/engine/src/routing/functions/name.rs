//! `normalise_name`, `ascii_name`, `same_name`: people's names as systems write and compare them. They correct no spelling.

use lienthong_formats::name;
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::kind;
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared};

const NAME: At = ("name", 0);
const OTHER: At = ("other", 1);
const ONE: &[Parameter] = &[Parameter::required("name", kind::BYTES, "The name.")];
const TWO: &[Parameter] = &[
    Parameter::required("name", kind::BYTES, "The name."),
    Parameter::required("other", kind::BYTES, "The name to compare it with."),
];

pub(super) const NORMALISE_NAME: Own = Own {
    name: "normalise_name",
    usage: "A name in Unicode's composed form with single blanks and none at the ends.",
    parameters: ONE,
    returns: kind::BYTES,
    prepare: |_, _| {
        Ok(Prepared::new(TypeDef::bytes().infallible(), |values| {
            argument::text(values, NAME).map(|text| Value::from(name::normalised(text)))
        }))
    },
};

pub(super) const ASCII_NAME: Own = Own {
    name: "ascii_name",
    usage: "A name in capitals A-Z without accents, blanks and marks, as the population database compares it.",
    parameters: ONE,
    returns: kind::BYTES,
    prepare: |_, _| {
        Ok(Prepared::new(TypeDef::bytes().infallible(), |values| {
            argument::text(values, NAME).map(|text| Value::from(name::upper_ascii(text)))
        }))
    },
};

pub(super) const SAME_NAME: Own = Own {
    name: "same_name",
    usage: "Whether two spellings are one name: case, blanks, Unicode form and the place of the tone mark do not count.",
    parameters: TWO,
    returns: kind::BOOLEAN,
    prepare: |_, _| {
        Ok(Prepared::new(TypeDef::boolean().infallible(), |values| {
            let same = name::same(argument::text(values, NAME)?, argument::text(values, OTHER)?);
            Ok(Value::Boolean(same))
        }))
    },
};
