//! The formats of Vietnamese systems: names, codes, dates, XML within limits. Pure; it knows no system and does no I/O.

pub mod base64;
pub mod citizen_id;
pub mod date;
pub mod dossier_code;
pub mod encoding;
pub mod name;
pub mod organisation;
pub mod tax_code;
pub mod xml;
