//! The portal's dates: `yyyyMMddHHmmss`, `yyyyMMdd` and `dd-MM-yyyy`, in Việt Nam's time. It reads no clock.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use lienthong_core::Timestamp;

/// Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975, before any date the portal can hold; a fixed offset needs no zone files.
const HERE: Offset = Offset::constant(7);

/// `yyyyMMddHHmmss`, fractions of a second dropped. `None` for years the form cannot write.
pub(crate) fn moment(at: Timestamp) -> Option<String> {
    let local = HERE.to_datetime(at);
    (1..=9999).contains(&local.year()).then(|| {
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second()
        )
    })
}

/// Reads `yyyyMMddHHmmss`.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    let bytes = text.trim().as_bytes();
    let (day, time) = (bytes.get(..8)?, bytes.get(8..)?);
    let [h1, h2, m1, m2, s1, s2] = time else { return None };
    let time = Time::new(number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?, 0).ok()?;
    HERE.to_timestamp(DateTime::from_parts(read_day_bytes(day)?, time)).ok()
}

/// Reads `yyyyMMdd`.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    read_day_bytes(text.trim().as_bytes())
}

/// Reads `dd-MM-yyyy`, the form of tax notices.
pub(crate) fn read_notice_day(text: &str) -> Option<Date> {
    let [d1, d2, b'-', m1, m2, b'-', y1, y2, y3, y4] = text.trim().as_bytes() else { return None };
    read_day_bytes(&[*y1, *y2, *y3, *y4, *m1, *m2, *d1, *d2])
}

fn read_day_bytes(bytes: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, m1, m2, d1, d2] = bytes else { return None };
    let century: i8 = number(&[*y1, *y2])?;
    let year: i8 = number(&[*y3, *y4])?;
    let year = i16::from(century) * 100 + i16::from(year);
    if year == 0 {
        return None;
    }
    Date::new(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?).ok()
}

fn number(digits: &[u8; 2]) -> Option<i8> {
    let [tens, ones] = digits;
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| ((tens - b'0') * 10 + (ones - b'0')).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_written_in_the_portals_form_and_time_zone() {
        let at: Timestamp = "2025-01-15T01:30:00.987Z".parse().unwrap();
        assert_eq!(moment(at).as_deref(), Some("20250115083000"));
        let evening: Timestamp = "2025-06-30T23:59:59+07:00".parse().unwrap();
        assert_eq!(moment(evening).as_deref(), Some("20250630235959"));
        let next_day: Timestamp = "2025-06-30T17:00:00Z".parse().unwrap();
        assert_eq!(moment(next_day).as_deref(), Some("20250701000000"));
    }

    #[test]
    fn a_bad_date_is_never_a_date() {
        for bad in
            ["", "20250115", "20250230101500", "2025011510150", "20250115241500", "00000101000000", "2025-01-15 1015"]
        {
            assert_eq!(read_moment(bad), None, "{bad}");
        }
        for bad in ["32-01-2025", "15/01/2025", "2025-01-15", "15-13-2025", "", "01-01-0000"] {
            assert_eq!(read_notice_day(bad), None, "{bad}");
        }
        assert_eq!(read_notice_day("15-01-2025"), Some(jiff::civil::date(2025, 1, 15)));
        assert_eq!(read_day("20250115"), Some(jiff::civil::date(2025, 1, 15)));
    }

    proptest! {
        #[test]
        fn a_moment_survives_its_own_text(second in -62_135_500_000i64..253_402_200_000) {
            let at = Timestamp::from_second(second).unwrap();
            let text = moment(at).unwrap();
            prop_assert_eq!(text.len(), 14);
            prop_assert_eq!(read_moment(&text), Some(at));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _read = (read_moment(&text), read_day(&text), read_notice_day(&text));
        }

        #[test]
        fn what_reads_as_a_moment_writes_the_same_text(text in "[0-9]{14}") {
            if let Some(at) = read_moment(&text) {
                prop_assert_eq!(moment(at), Some(text));
            }
        }
    }
}
