//! The formats of Vietnamese systems: names, codes, dates, XML within limits. Pure; it knows no system and does no I/O.
