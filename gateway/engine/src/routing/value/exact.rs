//! Which numbers of a JSON text a 64-bit integer or float holds exactly. It takes text that is known to be valid JSON and judges nothing else.

use super::escaped;

/// The pointer of the first number that would change; `None` when all survive.
pub(super) fn first_inexact(json: &[u8]) -> Option<String> {
    let mut scan = Scan { json, at: 0, path: Vec::new() };
    while let Some(byte) = scan.peek() {
        match byte {
            b'{' => scan.enter(Part::Name(String::new())),
            b'[' => scan.enter(Part::Index(0)),
            b'}' | b']' => {
                scan.path.pop();
                scan.at += 1;
            }
            b',' => scan.next_item(),
            b'"' => scan.text(),
            b'-' | b'0'..=b'9' => {
                if !is_exact(scan.number()) {
                    return Some(scan.pointer());
                }
            }
            _ => scan.at += 1,
        }
    }
    None
}

enum Part {
    Name(String),
    Index(usize),
}

struct Scan<'a> {
    json: &'a [u8],
    at: usize,
    path: Vec<Part>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn enter(&mut self, part: Part) {
        self.path.push(part);
        self.at += 1;
    }

    fn next_item(&mut self) {
        if let Some(Part::Index(index)) = self.path.last_mut() {
            *index += 1;
        }
        self.at += 1;
    }

    /// A text; before a colon it names the field that follows.
    fn text(&mut self) {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        let after = self.json.get(self.at..).unwrap_or_default();
        let is_name = after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        if let (true, Some(Part::Name(name))) = (is_name, self.path.last_mut()) {
            let quoted = self.json.get(start..self.at).unwrap_or_default();
            *name = serde_json::from_slice(quoted).unwrap_or_default();
        }
    }

    fn number(&mut self) -> &str {
        let rest = self.json.get(self.at..).unwrap_or_default();
        let is_part = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        self.at += length;
        std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    fn pointer(&self) -> String {
        let part = |part: &Part| match part {
            Part::Name(name) => format!("/{}", escaped(name)),
            Part::Index(index) => format!("/{index}"),
        };
        self.path.iter().map(part).collect()
    }
}

/// An integer must fit 64 bits; a decimal must be what its nearest float is written as, by the writer that will write it: two
/// shortest forms can lie equally near, and writers differ in which they take.
fn is_exact(number: &str) -> bool {
    if !number.contains(['.', 'e', 'E']) {
        return number.parse::<i64>().is_ok();
    }
    match number.parse::<f64>() {
        Ok(float) if float.is_finite() => {
            serde_json::to_string(&float).is_ok_and(|written| decimal(number) == decimal(&written))
        }
        Ok(_) | Err(_) => false,
    }
}

/// Sign, significant digits without zeros at either end, and the exponent of the last digit.
fn decimal(number: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let exponent: i64 = exponent.parse::<i64>().ok()?;
    let last = exponent.checked_add(dropped)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let significant = significant.trim_start_matches('0');
    let is_zero = significant.is_empty();
    Some((negative && !is_zero, significant.to_owned(), if is_zero { 0 } else { last }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_within_64_bits_and_plain_decimals_are_exact() {
        for number in
            ["0", "-0.0", "1.50", "0.1", "12345678.25", "1e3", "1E+2", "9223372036854775807", "-9223372036854775808"]
        {
            assert!(is_exact(number), "{number}");
        }
        for number in
            ["9223372036854775808", "18446744073709551616", "0.12345678901234567890", "9007199254740993.0", "1e400"]
        {
            assert!(!is_exact(number), "{number}");
        }
    }

    #[test]
    fn of_two_equally_near_forms_the_one_that_is_written_is_exact() {
        let written = serde_json::to_string(&(7_533_919_601_717_929_f64 / 4.0)).unwrap();
        let (low, high) = ("1883479900429482.2", "1883479900429482.3");
        assert!(written == low || written == high, "{written}");
        assert_eq!((is_exact(low), is_exact(high)), (written == low, written == high));
    }

    #[test]
    fn the_pointer_leads_to_the_number() {
        let json = br#"{"a": [1, {"x/y": "1.0", "fee \"1\"": [0.5, 99999999999999999999]}], "z": 1}"#;
        assert_eq!(first_inexact(json).as_deref(), Some("/a/1/fee \"1\"/1"));
        assert_eq!(first_inexact(b"99999999999999999999").as_deref(), Some(""));
        assert_eq!(first_inexact(br#"{"a":"99999999999999999999.1 \\","b":[1.25]}"#), None);
    }

    proptest! {
        /// Whatever a float is written as is that float: no number we write ourselves is refused.
        #[test]
        fn every_float_we_write_is_exact(float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
            prop_assert!(is_exact(&serde_json::to_string(&float).unwrap()));
        }
    }
}
