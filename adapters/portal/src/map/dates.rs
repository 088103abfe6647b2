//! The portal's dates: `yyyyMMddHHmmss`, `yyyyMMdd` and `dd-MM-yyyy`, in Việt Nam's time. It reads no clock.

use jiff::civil::Date;
use lienthong_core::Timestamp;
use lienthong_formats::date::{Format, Parsed, parse, print};

/// `yyyyMMddHHmmss`, fractions of a second dropped. `None` for years the form cannot write.
pub(crate) fn moment(at: Timestamp) -> Option<String> {
    print(Format::CompactMoment, &Parsed::Moment(at)).ok()
}

/// Reads `yyyyMMddHHmmss`.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    parse(Format::CompactMoment, text).ok()?.moment()
}

/// Reads `yyyyMMdd`.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    parse(Format::CompactDay, text).ok()?.day()
}

/// Reads `dd-MM-yyyy`, the form of tax notices.
pub(crate) fn read_notice_day(text: &str) -> Option<Date> {
    parse(Format::DayFirstDashedDay, text).ok()?.day()
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
