//! `xml_to_value` and `value_to_xml`: documents within limits, arrays where they are declared, elements in the order wanted.

use lienthong_formats::xml::{self, Arrays, Limits, Order, XmlError};
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::{Collection, kind};
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared};
use super::told::Told;
use crate::routing::value::{from_json, into_json};

const TEXT: At = ("text", 0);
const ARRAYS: At = ("arrays", 1);
const VALUE: At = ("value", 0);
const ORDER: At = ("order", 1);

pub(super) const XML_TO_VALUE: Own = Own {
    name: "xml_to_value",
    usage: "Reads an XML document as an object; the elements named in `arrays` are arrays however often they occur.",
    parameters: &[
        Parameter::required("text", kind::BYTES, "The document."),
        Parameter::optional("arrays", kind::ARRAY, "Names, or paths from the document's element: DATA/BODY/ROW."),
    ],
    returns: kind::OBJECT,
    prepare: |_, _| Ok(Prepared::new(TypeDef::object(Collection::any()).fallible(), read)),
};

pub(super) const VALUE_TO_XML: Own = Own {
    name: "value_to_xml",
    usage: "Writes an object with one field as an XML document; fields named in `order` come first and in that order.",
    parameters: &[
        Parameter::required("value", kind::OBJECT, "The document, as `xml_to_value` gives it."),
        Parameter::optional("order", kind::ARRAY, "Names of elements in the order their receiver needs."),
    ],
    returns: kind::BYTES,
    prepare: |_, _| Ok(Prepared::new(TypeDef::bytes().fallible(), write)),
};

fn read(values: &[Value]) -> Result<Value, Told> {
    let given = values.first().unwrap_or(&Value::Null);
    let bytes = given.as_bytes().ok_or_else(|| Told::new(TEXT, "must be a text").of(given))?;
    let arrays = Arrays::new(argument::list(values, ARRAYS)?);
    let element = xml::read(bytes, &Limits::MESSAGE).map_err(|error| told(&error, TEXT))?;
    Ok(from_json(&xml::to_value(&element, &arrays)))
}

fn write(values: &[Value]) -> Result<Value, Told> {
    let given = values.first().cloned().unwrap_or(Value::Null);
    let order = Order::new(argument::list(values, ORDER)?);
    let value = into_json(given).map_err(|unwritable| {
        Told::new(VALUE, format!("{} inside it", unwritable.problem)).classed(unwritable.class)
    })?;
    let element = xml::from_value(&value, &order).map_err(|error| told(&error, VALUE))?;
    Ok(Value::from(xml::document(&element)))
}

fn told(error: &XmlError, at: At) -> Told {
    Told::new(at, format!("cannot be XML: {error}")).classed("xml")
}
