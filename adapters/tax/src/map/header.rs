//! The header's values that depend on the attempt and on the time: message id and dates. It reads no clock.

use jiff::civil::Date;
use lienthong_core::Timestamp;
use lienthong_formats::date::{self, Format, Parsed};
use sha2::{Digest as _, Sha256};

use crate::config::{AnswerDate, MessageId, SendDate};

/// 10 to the number of digits one client's ids have.
const DIGITS: u128 = 10_u128.pow(22);

/// `MSG_ID` of an attempt: the same for the same attempt, another for every other.
pub(crate) fn message_id(form: MessageId, reference: &str) -> String {
    match form {
        MessageId::Reference => reference.to_owned(),
        MessageId::Digits => {
            let hash = Sha256::digest(reference.as_bytes());
            let number = hash.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
            format!("{:022}", number % DIGITS)
        }
    }
}

/// `SEND_DATE` of a question, in Việt Nam's time.
pub(crate) fn send_date(form: SendDate, now: Timestamp) -> String {
    let format = match form {
        SendDate::Numeric => Format::DayFirstDashedMoment,
        SendDate::NamedMonth => Format::DayFirstNamedMonth,
    };
    date::print(format, &Parsed::Moment(now)).unwrap_or_default()
}

/// The day an answer says it was sent. What cannot be read is left out: nothing depends on it.
pub(crate) fn sent_on(form: AnswerDate, text: &str) -> Option<Date> {
    let day = match form {
        AnswerDate::MonthFirst => Format::MonthFirstDashedDay,
        AnswerDate::DayFirst => Format::DayFirstDashedDay,
    };
    let forms = [day, Format::DayFirstDashedMoment, Format::DayFirstNamedMonth];
    let parsed = forms.into_iter().find_map(|format| date::parse(format, text).ok())?;
    parsed.day().filter(|_| !parsed.is_unset())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn send_dates_are_local_and_in_the_form_the_partner_uses() {
        let now = at("2025-01-15T18:30:00Z");
        assert_eq!(send_date(SendDate::Numeric, now), "16-01-2025 01:30:00");
        assert_eq!(send_date(SendDate::NamedMonth, now), "16-Jan-2025 01:30:00");
    }

    #[test]
    fn a_day_alone_in_an_answer_is_month_first_unless_configured() {
        let day = |form, text| sent_on(form, text).map(|day| day.to_string());
        assert_eq!(day(AnswerDate::MonthFirst, "01-02-2025").as_deref(), Some("2025-01-02"));
        assert_eq!(day(AnswerDate::DayFirst, "01-02-2025").as_deref(), Some("2025-02-01"));
        assert_eq!(day(AnswerDate::MonthFirst, "15-01-2025 08:30:00").as_deref(), Some("2025-01-15"));
        assert_eq!(day(AnswerDate::MonthFirst, "15-Jan-2025 08:30:00").as_deref(), Some("2025-01-15"));
        for nonsense in ["02-30-2025", "2025-01-15", "", "01-01-0001"] {
            assert_eq!(day(AnswerDate::MonthFirst, nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_message_id_is_the_attempts_own_or_22_digits_of_it() {
        let reference = "01994f3e-0000-7000-8000-000000000001.0.1";
        assert_eq!(message_id(MessageId::Reference, reference), reference);
        let digits = message_id(MessageId::Digits, reference);
        assert_eq!((digits.len(), digits.bytes().all(|byte| byte.is_ascii_digit())), (22, true));
        assert_eq!(digits, message_id(MessageId::Digits, reference));
        assert_ne!(digits, message_id(MessageId::Digits, "01994f3e-0000-7000-8000-000000000001.0.2"));
    }

    proptest! {
        #[test]
        fn no_date_panics(text in "\\PC*") {
            let _read = (sent_on(AnswerDate::MonthFirst, &text), sent_on(AnswerDate::DayFirst, &text));
        }
    }
}
