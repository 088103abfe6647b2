//! `decode_base64_text` and `checked_text`: texts that may come in an encoding nobody declared. They say which, and convert what is declared.

use lienthong_formats::base64;
use lienthong_formats::encoding::{self, Encoding};
use vrl::compiler::TypeDef;
use vrl::compiler::function::Parameter;
use vrl::prelude::kind;
use vrl::value::Value;

use super::argument::{self, At};
use super::own::{Own, Prepared};
use super::told::Told;

const TEXT: At = ("text", 0);
const ENCODING: At = ("encoding", 1);
const UNKNOWN: &str = "is no encoding that is read";
const KNOWN: &str = "write utf-8, windows-1258, tcvn3 or vni";

pub(super) const DECODE_BASE64_TEXT: Own = Own {
    name: "decode_base64_text",
    usage: "The text inside strict base64: UTF-8, or the encoding it is declared to be in; another one is named and refused.",
    parameters: &[
        Parameter::required("text", kind::BYTES, "The base64."),
        Parameter::optional("encoding", kind::BYTES | kind::NULL, "utf-8, windows-1258, tcvn3 or vni."),
    ],
    returns: kind::BYTES,
    prepare: |_, known| match argument::written_or_none(known, ENCODING) {
        Some(name) if Encoding::named(&name).is_none() => Err((format!("{name} {UNKNOWN}"), KNOWN.to_owned())),
        Some(_) | None => Ok(Prepared::new(TypeDef::bytes().fallible(), decode)),
    },
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
    let text = declared(values)?
        .read(&bytes)
        .map_err(|error| Told::new(TEXT, format!("inside the base64 {error}")).classed("bytes"))?;
    Ok(Value::from(text.into_owned()))
}

/// What the caller says the bytes are, which a message may tell itself.
fn declared(values: &[Value]) -> Result<Encoding, Told> {
    match values.get(ENCODING.1) {
        None | Some(Value::Null) => Ok(Encoding::Utf8),
        Some(_) => {
            let name = argument::text(values, ENCODING)?;
            Encoding::named(name).ok_or_else(|| Told::new(ENCODING, format!("{UNKNOWN}: {KNOWN}")).classed("text"))
        }
    }
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
