//! Every form both ways, and the dates that are none.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Parsed {
    Parsed::Moment(text.parse().unwrap())
}

#[test]
fn each_form_reads_and_writes_what_its_system_sends() {
    let morning = "2025-01-15T08:30:00+07:00";
    for (format, text, parsed) in [
        (Format::CompactMoment, "20250115083000", at(morning)),
        (Format::CompactDay, "20250115", Parsed::Day(date(2025, 1, 15))),
        (Format::CompactBirth, "19990102", Parsed::Day(date(1999, 1, 2))),
        (Format::CompactBirth, "1999", Parsed::Year(1999)),
        (Format::DashedDay, "2025-01-15", Parsed::Day(date(2025, 1, 15))),
        (Format::DashedMoment, "2025-01-15 08:30:00", at(morning)),
        (Format::DashedMomentFraction, "2025-01-15 08:30:00.0", at(morning)),
        (Format::DashedMomentFraction, "2025-01-15 08:30:00.25", at("2025-01-15T08:30:00.25+07:00")),
        (Format::Iso, "2025-01-15T01:30:00Z", at(morning)),
        (Format::IsoLocal, "2025-01-15T08:30:00+07:00", at(morning)),
        (Format::SlashedDay, "15/01/2025", Parsed::Day(date(2025, 1, 15))),
        (Format::SlashedMoment, "15/01/2025 08:30:00", at(morning)),
        (Format::SlashedDayOrMoment, "15/01/2025", Parsed::Day(date(2025, 1, 15))),
        (Format::SlashedDayOrMoment, "15/01/2025 08:30:00", at(morning)),
        (Format::SlashedBirth, "02/01/1999", Parsed::Day(date(1999, 1, 2))),
        (Format::SlashedBirth, "01/1999", Parsed::Month { year: 1999, month: 1 }),
        (Format::SlashedBirth, "1999", Parsed::Year(1999)),
        (Format::SlashedMonth, "12/2024", Parsed::Month { year: 2024, month: 12 }),
        (Format::DayFirstDashedDay, "15-01-2025", Parsed::Day(date(2025, 1, 15))),
        (Format::DayFirstDashedMoment, "15-01-2025 08:30:00", at(morning)),
        (Format::DayFirstNamedMonth, "15-Jan-2025 08:30:00", at(morning)),
        (Format::MonthFirstDashedDay, "01-15-2025", Parsed::Day(date(2025, 1, 15))),
        (Format::YearFirstSlashedDay, "2025/01/15", Parsed::Day(date(2025, 1, 15))),
        (Format::YearFirstSlashedMoment, "2025/01/15 08:30:00", at(morning)),
        (Format::YearFirstSlashedDayOrMoment, "2025/01/15", Parsed::Day(date(2025, 1, 15))),
        (Format::DotNet, "/Date(1736904600000)/", at(morning)),
        (Format::AxisHeader, "15012025T083000+0123", at("2025-01-15T08:30:00.123+07:00")),
    ] {
        assert_eq!(parse(format, text), Ok(parsed), "{text}");
        assert_eq!(print(format, &parsed).as_deref(), Ok(text), "{text}");
    }
}

#[test]
fn a_day_that_no_calendar_has_is_refused() {
    for (format, text) in [
        (Format::YearFirstSlashedDay, "2014/02/30"),
        (Format::DashedDay, "2023-02-29"),
        (Format::SlashedDay, "31/04/2025"),
        (Format::CompactMoment, "20250230101500"),
        (Format::CompactMoment, "20250115241500"),
        (Format::CompactMoment, "00000101000000"),
        (Format::SlashedMonth, "13/2024"),
        (Format::DayFirstDashedDay, "01-15-2025"),
        (Format::MonthFirstDashedDay, "15-01-2025"),
        (Format::Iso, "2025-02-30T01:30:00Z"),
        (Format::Iso, "2025-02-30T01:30:00"),
    ] {
        assert_eq!(parse(format, text), Err(DateError::Calendar(format)), "{text}");
    }
    assert!(parse(Format::DashedDay, "2024-02-29").is_ok());
}

#[test]
fn another_form_is_not_read_as_this_one() {
    for (format, text) in [
        (Format::SlashedDay, "15-01-2025"),
        (Format::SlashedDay, "5/1/2025"),
        (Format::SlashedDay, "15/01/25"),
        (Format::SlashedDay, "15/01/2025 08:30:00"),
        (Format::CompactDay, "2025011"),
        (Format::CompactDay, "2025011５"),
        (Format::DayFirstNamedMonth, "15-Th1-2025 08:30:00"),
        (Format::Iso, "2025-01-15"),
        (Format::Iso, "2025-01-15T01:30"),
        (Format::DotNet, "/Date()/"),
        (Format::DotNet, "Date(1736904600000)"),
        (Format::CompactMoment, ""),
    ] {
        assert_eq!(parse(format, text), Err(DateError::Form(format)), "{text}");
    }
}

#[test]
fn the_land_registrys_times_without_an_offset_are_utc() {
    assert_eq!(parse(Format::Iso, "2025-01-15T01:30:00"), Ok(at("2025-01-15T08:30:00+07:00")));
    assert_eq!(parse(Format::Iso, "2025-01-15T08:30:00.5+07:00"), Ok(at("2025-01-15T01:30:00.5Z")));
    assert_eq!(parse(Format::IsoLocal, "2025-01-15T08:30:00"), Ok(at("2025-01-15T01:30:00Z")));
    assert_eq!(parse(Format::DotNet, "/Date(1736904600000+0700)/"), Ok(at("2025-01-15T01:30:00Z")));
}

#[test]
fn an_evening_in_utc_is_the_next_day_here() {
    assert_eq!(at("2025-06-30T17:00:00Z").day(), Some(date(2025, 7, 1)));
    assert_eq!(print(Format::SlashedDay, &at("2025-06-30T17:00:00Z")).as_deref(), Ok("01/07/2025"));
}

#[test]
fn nothing_is_made_more_precise_than_it_is() {
    let day = Parsed::Day(date(2025, 1, 15));
    assert_eq!(print(Format::CompactMoment, &day), Err(DateError::Precision(Format::CompactMoment)));
    assert_eq!(print(Format::Iso, &day), Err(DateError::Precision(Format::Iso)));
    assert_eq!(print(Format::SlashedDay, &Parsed::Year(1999)), Err(DateError::Precision(Format::SlashedDay)));
    let month = Parsed::Month { year: 1999, month: 1 };
    assert_eq!(print(Format::CompactBirth, &month).as_deref(), Ok("1999"));
}

#[test]
fn the_empty_date_of_dot_net_is_told() {
    assert!(parse(Format::DashedDay, "0001-01-01").unwrap().is_unset());
    assert!(!parse(Format::DashedDay, "2001-01-01").unwrap().is_unset());
}

#[test]
fn a_form_is_named_by_its_pattern() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.pattern()), Some(format));
    }
    assert_eq!(Format::named("yyyy"), None);
}

fn a_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(Format::ALL.to_vec())
}

fn a_date() -> impl Strategy<Value = Parsed> {
    prop_oneof![
        (-62_135_500_000i64..253_402_200_000, 0i32..1000).prop_map(|(second, milli)| {
            Parsed::Moment(Timestamp::new(second, milli * 1_000_000 * i32::from(second >= 0)).unwrap())
        }),
        (1i16..10_000, 1i8..13, 1i8..29).prop_map(|(y, m, d)| Parsed::Day(date(y, m, d))),
        (1i16..10_000, 1i8..13).prop_map(|(year, month)| Parsed::Month { year, month }),
        (1i16..10_000).prop_map(Parsed::Year),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_writes_the_same(format in a_format(), date in a_date()) {
        if let Ok(text) = print(format, &date) {
            let again = parse(format, &text).unwrap();
            prop_assert_eq!(print(format, &again), Ok(text));
            prop_assert_eq!(again.year(), date.year());
            if let (Some(was), Some(is)) = (date.day(), again.day()) {
                prop_assert_eq!(was, is);
            }
        }
    }

    #[test]
    fn what_reads_by_digits_writes_the_same_text(text in "[0-9]{14}") {
        if let Ok(parsed) = parse(Format::CompactMoment, &text) {
            prop_assert_eq!(print(Format::CompactMoment, &parsed), Ok(text));
        }
    }

    #[test]
    fn no_text_panics(format in a_format(), text in "\\PC*") {
        let _parsed = parse(format, &text);
    }

    #[test]
    fn a_near_miss_never_panics(format in a_format(), text in "[0-9TZ/Date()+: .-]{0,30}") {
        let _parsed = parse(format, &text);
    }
}
