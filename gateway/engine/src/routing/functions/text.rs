//! `decode_base64_text` and `checked_text`: texts that may come in an encoding nobody declared. They say which, and convert nothing.

use lienthong_formats::{base64, encoding};
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::kind;
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared};
use super::told::Told;

const TEXT: At = ("text", 0);

pub(super) const DECODE_BASE64_TEXT: Own = Own {
    name: "decode_base64_text",
    usage: "The UTF-8 text inside strict base64; another encoding is named and refused.",
    parameters: &[Parameter::required("text", kind::BYTES, "The base64.")],
    returns: kind::BYTES,
    prepare: |_, _| Ok(Prepared::new(TypeDef::bytes().fallible(), decode)),
};

pub(super) const CHECKED_TEXT: Own = Own {
    name: "checked_text",
    usage: "The text itself, unless it looks like TCVN3, VNI or windows-1258 that somebody took for another encoding.",
    parameters: &[Parameter::required("text", kind::BYTES, "The text.")],
    returns: kind::BYTES,
    prepare: |_, _| Ok(Prepared::new(TypeDef::bytes().fallible(), check)),
};

fn decode(values: &[Value]) -> Result<Value, Told> {
    let bytes = base64::decode(argument::text(values, TEXT)?)
        .map_err(|error| Told::new(TEXT, error.to_string()).classed("base64"))?;
    let text = encoding::utf8(&bytes)
        .map_err(|error| Told::new(TEXT, format!("inside the base64 {error}")).classed("bytes"))?;
    Ok(Value::from(text))
}

fn check(values: &[Value]) -> Result<Value, Told> {
    let text = argument::text(values, TEXT)?;
    match encoding::mistaken(text) {
        None => Ok(values.first().cloned().unwrap_or(Value::Null)),
        Some(legacy) => {
            let problem =
                format!("looks like {} taken for another encoding: convert it at the source", legacy.as_str());
            Err(Told::new(TEXT, problem).classed("text"))
        }
    }
}
