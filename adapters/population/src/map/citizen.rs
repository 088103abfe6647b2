//! One person as the database writes one. Codes keep their zeros and get a meaning only where one is public; a blank is absent.

use lienthong_core::secret::Personal;
use lienthong_formats::date::{self, Format, Parsed};
use lienthong_formats::name;
use lienthong_formats::xml::Element;

use crate::model::{Birth, BloodGroup, Citizen, Head, MaritalStatus, Place, Relative, Sex};
use crate::wire::answer as wire;

pub(crate) fn read(element: &Element) -> Citizen {
    let (sex, sex_code) = coded(element, wire::SEX, sex);
    let (marital_status, marital_status_code) = coded(element, wire::MARITAL_STATUS, marital_status_of);
    let (blood_group, blood_group_code) = coded(element, wire::BLOOD_GROUP, blood_group);
    Citizen {
        identity_number: text(element, wire::IDENTITY_NUMBER),
        old_identity_number: text(element, wire::OLD_IDENTITY_NUMBER),
        name: whole_name(element),
        birth: birth(element),
        sex,
        sex_code,
        ethnicity_code: text(element, wire::ETHNICITY),
        religion_code: text(element, wire::RELIGION),
        marital_status,
        marital_status_code,
        blood_group,
        blood_group_code,
        nationality: text(element, wire::NATIONALITY),
        birth_registration: place(element, wire::BIRTH_REGISTRATION),
        origin: place(element, wire::ORIGIN),
        permanent_residence: place(element, wire::PERMANENT_RESIDENCE),
        current_residence: place(element, wire::CURRENT_RESIDENCE),
        father: relative(element, wire::FATHER),
        mother: relative(element, wire::MOTHER),
        spouse: relative(element, wire::SPOUSE),
        representative: relative(element, wire::REPRESENTATIVE),
        household_head: head(element),
        household_book_number: text(element, wire::HOUSEHOLD_BOOK),
    }
}

/// 1, 2 and 3 are public.
pub(crate) fn marital_status(code: &str) -> Option<Personal<MaritalStatus>> {
    marital_status_of(code).map(Personal)
}

fn marital_status_of(code: &str) -> Option<MaritalStatus> {
    match code {
        "1" => Some(MaritalStatus::Single),
        "2" => Some(MaritalStatus::Married),
        "3" => Some(MaritalStatus::DivorcedOrWidowed),
        _not_public => None,
    }
}

fn sex(code: &str) -> Option<Sex> {
    match code {
        "1" => Some(Sex::Male),
        "2" => Some(Sex::Female),
        _not_public => None,
    }
}

/// `00` says that there is none.
fn blood_group(code: &str) -> Option<BloodGroup> {
    match code {
        "01" => Some(BloodGroup::A),
        "02" => Some(BloodGroup::B),
        "03" => Some(BloodGroup::Ab),
        "04" => Some(BloodGroup::O),
        _none_or_not_public => None,
    }
}

type Coded<T> = (Option<Personal<T>>, Option<Personal<String>>);

/// A code and what it means.
fn coded<T>(element: &Element, name: &str, meaning: fn(&str) -> Option<T>) -> Coded<T> {
    let code = text(element, name);
    (code.as_ref().and_then(|Personal(code)| meaning(code)).map(Personal), code)
}

fn text(element: &Element, name: &str) -> Option<Personal<String>> {
    present(element.child_text(name).unwrap_or_default())
}

fn present(text: &str) -> Option<Personal<String>> {
    let text = name::normalised(text);
    (!text.is_empty()).then_some(Personal(text))
}

/// The whole name stands in the last of three parts; where a server fills all of them, they are one name together.
fn whole_name(element: &Element) -> Option<Personal<String>> {
    let told = element.child(wire::NAME)?;
    let parts: Vec<&str> = wire::NAME_PARTS.iter().filter_map(|part| told.child_text(part)).collect();
    present(&parts.join(" ")).or_else(|| present(&told.text))
}

/// Day or year in elements of their own, or one text. What is no date that exists is told as it came.
fn birth(element: &Element) -> Option<Birth> {
    let told = element.child(wire::BIRTH)?;
    let day = told.child_text(wire::BIRTH_DAY).unwrap_or_default();
    let day = if day.is_empty() { told.text.trim() } else { day };
    let year = told.child_text(wire::BIRTH_YEAR).unwrap_or_default();
    let birth = match (date_of(day), date_of(year)) {
        (Some(Parsed::Day(date)), _) => Birth {
            date: Some(Personal(date.to_string())),
            year: Some(Personal(format!("{:04}", date.year()))),
            text: None,
        },
        (Some(Parsed::Year(known)), _) | (None, Some(Parsed::Year(known))) => {
            Birth { date: None, year: Some(Personal(format!("{known:04}"))), text: unread(day) }
        }
        (_, _) => Birth { date: None, year: None, text: present(day).or_else(|| present(year)) },
    };
    (birth != Birth::default()).then_some(birth)
}

/// What a text says beside the year, where it is no date.
fn unread(day: &str) -> Option<Personal<String>> {
    present(day).filter(|_| date_of(day).is_none())
}

fn date_of(text: &str) -> Option<Parsed> {
    date::parse(Format::CompactBirth, text).or_else(|_| date::parse(Format::DashedDay, text)).ok()
}

fn place(element: &Element, name: &str) -> Option<Place> {
    let told = element.child(name)?;
    let place = Place {
        province_code: text(told, wire::PROVINCE),
        district_code: text(told, wire::DISTRICT),
        commune_code: text(told, wire::COMMUNE),
        detail: text(told, wire::DETAIL),
        country: text(told, wire::COUNTRY),
    };
    (place != Place::default()).then_some(place)
}

/// Somebody of whom only the nationality is told is nobody.
fn relative(element: &Element, name: &str) -> Option<Relative> {
    let told = element.child(name)?;
    let relative = Relative {
        name: whole_name(told),
        identity_number: text(told, wire::IDENTITY_NUMBER),
        old_identity_number: text(told, wire::OLD_IDENTITY_NUMBER),
        nationality: text(told, wire::NATIONALITY),
    };
    let known = relative.name.is_some() || relative.identity_number.is_some() || relative.old_identity_number.is_some();
    known.then_some(relative)
}

fn head(element: &Element) -> Option<Head> {
    let told = element.child(wire::HEAD)?;
    let head = Head {
        relation_code: text(told, wire::RELATION),
        name: whole_name(told),
        identity_number: text(told, wire::IDENTITY_NUMBER),
        old_identity_number: text(told, wire::OLD_IDENTITY_NUMBER),
    };
    (head != Head::default()).then_some(head)
}
