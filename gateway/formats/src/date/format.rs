//! The list of forms and the patterns that define them. It reads no text.

/// A form of dates. The variants' documentation names who uses it; the pattern is also its name in configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// The national portal: dossiers, payments, tax receipts.
    CompactMoment,
    /// The portal's pushes.
    CompactDay,
    /// The population database: a birthday, or the year alone.
    CompactBirth,
    /// Driving licences; the population database's documents.
    DashedDay,
    /// The body of tax answers, without a fraction.
    DashedMoment,
    /// The body of tax answers: a fraction of any length.
    DashedMomentFraction,
    /// ISO 8601; without an offset it is UTC, as the land registry sends it.
    Iso,
    /// ISO 8601; without an offset it is Việt Nam's time.
    IsoLocal,
    /// Civil status, criminal record, document and business registration systems; tax bodies.
    SlashedDay,
    SlashedMoment,
    /// The same, where the time may be missing.
    SlashedDayOrMoment,
    /// The same for birthdays: the day or the month and day may be unknown.
    SlashedBirth,
    /// Tax periods.
    SlashedMonth,
    /// Tax notices and the tax header.
    DayFirstDashedDay,
    DayFirstDashedMoment,
    /// The tax header of one client: English month names.
    DayFirstNamedMonth,
    /// The header of the tax gateway's answers.
    MonthFirstDashedDay,
    /// The national document axis.
    YearFirstSlashedDay,
    YearFirstSlashedMoment,
    YearFirstSlashedDayOrMoment,
    /// The land registry's web interface: milliseconds since 1970.
    DotNet,
    /// The header of the document axis' transport: four digits of milliseconds after a plus sign, which is no offset.
    AxisHeader,
}

impl Format {
    pub const ALL: [Self; 22] = [
        Self::CompactMoment,
        Self::CompactDay,
        Self::CompactBirth,
        Self::DashedDay,
        Self::DashedMoment,
        Self::DashedMomentFraction,
        Self::Iso,
        Self::IsoLocal,
        Self::SlashedDay,
        Self::SlashedMoment,
        Self::SlashedDayOrMoment,
        Self::SlashedBirth,
        Self::SlashedMonth,
        Self::DayFirstDashedDay,
        Self::DayFirstDashedMoment,
        Self::DayFirstNamedMonth,
        Self::MonthFirstDashedDay,
        Self::YearFirstSlashedDay,
        Self::YearFirstSlashedMoment,
        Self::YearFirstSlashedDayOrMoment,
        Self::DotNet,
        Self::AxisHeader,
    ];

    /// The form as a person writes it, and its name; `|` separates what may stand in its place.
    pub fn pattern(self) -> &'static str {
        match self {
            Self::CompactMoment => "yyyyMMddHHmmss",
            Self::CompactDay => "yyyyMMdd",
            Self::CompactBirth => "yyyyMMdd|yyyy",
            Self::DashedDay => "yyyy-MM-dd",
            Self::DashedMoment => "yyyy-MM-dd HH:mm:ss",
            Self::DashedMomentFraction => "yyyy-MM-dd HH:mm:ss.S",
            Self::Iso => "iso",
            Self::IsoLocal => "iso-local",
            Self::SlashedDay => "dd/MM/yyyy",
            Self::SlashedMoment => "dd/MM/yyyy HH:mm:ss",
            Self::SlashedDayOrMoment => "dd/MM/yyyy HH:mm:ss|dd/MM/yyyy",
            Self::SlashedBirth => "dd/MM/yyyy|MM/yyyy|yyyy",
            Self::SlashedMonth => "MM/yyyy",
            Self::DayFirstDashedDay => "dd-MM-yyyy",
            Self::DayFirstDashedMoment => "dd-MM-yyyy HH:mm:ss",
            Self::DayFirstNamedMonth => "dd-MMM-yyyy HH:mm:ss",
            Self::MonthFirstDashedDay => "MM-dd-yyyy",
            Self::YearFirstSlashedDay => "yyyy/MM/dd",
            Self::YearFirstSlashedMoment => "yyyy/MM/dd HH:mm:ss",
            Self::YearFirstSlashedDayOrMoment => "yyyy/MM/dd HH:mm:ss|yyyy/MM/dd",
            Self::DotNet => "/Date(ms)/",
            Self::AxisHeader => "ddMMyyyyTHHmmss+SSSS",
        }
    }

    /// The form of that name.
    pub fn named(pattern: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.pattern() == pattern)
    }

    /// What may be written, the most precise first.
    pub(super) fn alternatives(self) -> impl Iterator<Item = &'static str> {
        self.pattern().split('|')
    }
}
