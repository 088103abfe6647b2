//! The functions a route's programs may call, in one place: each is deterministic, does no I/O and knows no time but the message's.

mod argument;
mod code;
mod date;
mod lookup;
mod name;
mod organisation;
mod own;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod xml;

use std::sync::Arc;

use vrl::compiler::Function;

use self::own::{Offered, Own};
use crate::tables::Tables;

pub(super) use own::REFUSED_CALL;
pub(super) use told::Told;

/// Our own, described in `docs/mapping.md`.
static OWN: [Own; 16] = [
    lookup::LOOKUP,
    lookup::LOOKUP_BACK,
    organisation::ORGANISATION_NEW,
    organisation::ORGANISATION_OLD,
    name::NORMALISE_NAME,
    name::ASCII_NAME,
    name::SAME_NAME,
    code::DOSSIER_CODE_PARTS,
    code::VALID_TAX_CODE,
    code::TAX_CODE,
    date::PARSE_DATE,
    date::FORMAT_DATE,
    xml::XML_TO_VALUE,
    xml::VALUE_TO_XML,
    text::DECODE_BASE64_TEXT,
    text::CHECKED_TEXT,
];

/// What VRL's own library gives to routes. A list of what is allowed, so that a function a new VRL version brings is not let in unseen.
const OFFERED: &[&str] = &[
    "abs",
    "append",
    "array",
    "assert",
    "assert_eq",
    "basename",
    "bool",
    "camelcase",
    "ceil",
    "chunks",
    "compact",
    "contains",
    "contains_all",
    "decode_base16",
    "decode_base64",
    "decode_charset",
    "decode_percent",
    "del",
    "dirname",
    "downcase",
    "encode_base16",
    "encode_base64",
    "encode_charset",
    "encode_csv",
    "encode_json",
    "encode_key_value",
    "encode_percent",
    "ends_with",
    "exists",
    "filter",
    "find",
    "flatten",
    "float",
    "floor",
    "for_each",
    "format_int",
    "format_number",
    "format_timestamp",
    "from_entries",
    "from_unix_timestamp",
    "get",
    "includes",
    "int",
    "is_array",
    "is_boolean",
    "is_empty",
    "is_float",
    "is_integer",
    "is_json",
    "is_null",
    "is_nullish",
    "is_object",
    "is_regex",
    "is_string",
    "is_timestamp",
    "join",
    "kebabcase",
    "keys",
    "length",
    "map_keys",
    "map_values",
    "match",
    "match_any",
    "match_array",
    "merge",
    "mod",
    "object",
    "object_from_array",
    "parse_bytes",
    "parse_csv",
    "parse_duration",
    "parse_float",
    "parse_int",
    "parse_json",
    "parse_key_value",
    "parse_query_string",
    "parse_regex",
    "parse_regex_all",
    "parse_timestamp",
    "parse_tokens",
    "parse_url",
    "parse_xml",
    "pascalcase",
    "pop",
    "push",
    "range",
    "redact",
    "remove",
    "replace",
    "replace_with",
    "round",
    "screamingsnakecase",
    "set",
    "sieve",
    "slice",
    "snakecase",
    "split",
    "starts_with",
    "string",
    "strip_whitespace",
    "strlen",
    "tally",
    "timestamp",
    "to_bool",
    "to_entries",
    "to_float",
    "to_int",
    "to_string",
    "to_unix_timestamp",
    "truncate",
    "unflatten",
    "unique",
    "upcase",
    "values",
    "zip",
];

/// Known functions that are refused for what they do: name, why, what to write instead.
const REFUSED: &[(&str, &str, &str)] = &[
    ("now", "reads the clock", "use `%exchange.received_at`, the time the message was accepted"),
    ("uuid_v4", "is random, so that a repeat would send other bytes", "use `%exchange.id`"),
    ("uuid_v7", "is random, so that a repeat would send other bytes", "use `%exchange.id`"),
    ("random_bool", RANDOM, FROM_MESSAGE),
    ("random_bytes", RANDOM, FROM_MESSAGE),
    ("random_float", RANDOM, FROM_MESSAGE),
    ("random_int", RANDOM, FROM_MESSAGE),
    ("log", "writes to the log, and messages hold personal data", "remove the call; every attempt is recorded"),
    ("to_regex", "compiles a pattern on every message", "write the pattern into the program: `r'…'`"),
    ("get_env_var", "reads the process's environment", FROM_CONFIGURATION),
    ("get_hostname", "asks the machine", FROM_CONFIGURATION),
    ("get_timezone_name", "asks the machine", "programs run in Asia/Ho_Chi_Minh; name another time zone in the call"),
    ("dns_lookup", NETWORK, FROM_MESSAGE),
    ("reverse_dns", NETWORK, FROM_MESSAGE),
    ("http_request", NETWORK, "make it an operation of an adapter and route to that"),
    ("parse_etld", "reads a file", FROM_MESSAGE),
    ("parse_groks", "reads a file", "use `parse_regex`"),
    ("parse_klog", "guesses the year from the clock", "use `parse_regex`"),
    ("parse_syslog", "guesses the year from the clock", "use `parse_regex`"),
    ("parse_linux_authorization", "guesses the year from the clock", "use `parse_regex`"),
];

const RANDOM: &str = "is random, so that a repeat would send other bytes";
const NETWORK: &str = "asks the network";
const FROM_MESSAGE: &str = "take the value from the message";
const FROM_CONFIGURATION: &str = "write the value into the program";

/// The functions programs are compiled with: VRL's that are offered, and our own over these tables.
pub(super) fn offered(tables: &Arc<Tables>) -> Vec<Box<dyn Function>> {
    let theirs = vrl::stdlib::all().into_iter().filter(|function| OFFERED.contains(&function.identifier()));
    let own = OWN.iter().map(|own| Box::new(Offered { own, tables: Arc::clone(tables) }) as Box<dyn Function>);
    theirs.chain(own).collect()
}

/// Our own functions: name and what each does.
pub fn own_functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    OWN.iter().map(|own| (own.name, own.usage))
}

/// Why a function that VRL knows is not offered here, and what to do instead; `None` for a name nobody knows.
pub(super) fn refusal(name: &str) -> Option<(&'static str, &'static str)> {
    let known = REFUSED.iter().find(|row| row.0 == name).map(|row| (row.1, row.2));
    known.or_else(|| {
        let exists = vrl::stdlib::all().iter().any(|function| function.identifier() == name);
        exists.then_some(("is not needed to map messages", "use one of the functions listed for routes"))
    })
}
