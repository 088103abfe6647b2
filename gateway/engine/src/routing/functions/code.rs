//! `dossier_code_parts`, `valid_tax_code` and `tax_code`: codes read by their rules. They rewrite none into another form of meaning.

use lienthong_formats::date::{Format, Parsed, print};
use lienthong_formats::dossier_code::DossierCode;
use lienthong_formats::organisation::Form;
use lienthong_formats::tax_code::TaxCode;
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::{Collection, Field, Kind, ObjectMap, kind};
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared};
use super::told::Told;

const CODE: At = ("code", 0);
const ONE: &[Parameter] = &[Parameter::required("code", kind::BYTES, "The code.")];
const PARTS: [&str; 5] = ["organisation", "root", "form", "date", "serial"];

pub(super) const DOSSIER_CODE_PARTS: Own = Own {
    name: "dossier_code_parts",
    usage: "The parts of a dossier code: organisation, root, form (old or new), date, serial.",
    parameters: ONE,
    returns: kind::OBJECT,
    prepare: |_, _| {
        let fields = PARTS.iter().map(|part| (Field::from(*part), Kind::bytes())).collect();
        let returns = TypeDef::object(Collection::from_parts(fields, Kind::undefined()));
        Ok(Prepared::new(returns.fallible(), parts))
    },
};

fn parts(values: &[Value]) -> Result<Value, Told> {
    let text = argument::text(values, CODE)?;
    let code = DossierCode::parse(text)
        .map_err(|error| Told::new(CODE, format!("is no dossier code: {error}")).classed("dossier code"))?;
    let form = match code.form() {
        Form::Old => "old",
        Form::New => "new",
    };
    let date = print(Format::DashedDay, &Parsed::Day(code.date())).unwrap_or_default();
    let told = [code.organisation(), code.root(), form, &date, code.serial()];
    let fields = PARTS.iter().zip(told).map(|(name, part)| ((*name).into(), Value::from(part)));
    Ok(Value::Object(fields.collect::<ObjectMap>()))
}

pub(super) const VALID_TAX_CODE: Own = Own {
    name: "valid_tax_code",
    usage: "Whether a text is a tax code: 10 or 13 digits with their checksum, or a 12-digit personal number.",
    parameters: ONE,
    returns: kind::BOOLEAN,
    prepare: |_, _| {
        Ok(Prepared::new(TypeDef::boolean().infallible(), |values| {
            argument::text(values, CODE).map(|text| Value::Boolean(TaxCode::parse(text).is_ok()))
        }))
    },
};

pub(super) const TAX_CODE: Own = Own {
    name: "tax_code",
    usage: "A tax code in its canonical form (a dependent unit's with its hyphen).",
    parameters: ONE,
    returns: kind::BYTES,
    prepare: |_, _| {
        Ok(Prepared::new(TypeDef::bytes().fallible(), |values| {
            let text = argument::text(values, CODE)?;
            TaxCode::parse(text)
                .map(|code| Value::from(code.as_str()))
                .map_err(|error| Told::new(CODE, format!("is no tax code: {error}")).classed("tax code"))
        }))
    },
};
