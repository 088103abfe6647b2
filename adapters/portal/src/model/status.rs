//! The ten statuses of a dossier, in English. It knows their numbers and bends none into another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Dossier status; the numbers 1..10 are the same in every public client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 1, Mới đăng ký.
    New,
    /// 2, Được tiếp nhận.
    Received,
    /// 3, Không được tiếp nhận.
    NotAccepted,
    /// 4, Đang xử lý.
    Processing,
    /// 5, Yêu cầu bổ sung giấy tờ.
    SupplementRequired,
    /// 6, Yêu cầu thực hiện nghĩa vụ tài chính.
    PaymentRequired,
    /// 7, Công dân yêu cầu rút hồ sơ.
    Withdrawn,
    /// 8, Dừng xử lý.
    Stopped,
    /// 9, Đã xử lý xong.
    Finished,
    /// 10, Đã trả kết quả.
    Returned,
}

impl Status {
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Received,
        Self::NotAccepted,
        Self::Processing,
        Self::SupplementRequired,
        Self::PaymentRequired,
        Self::Withdrawn,
        Self::Stopped,
        Self::Finished,
        Self::Returned,
    ];

    /// The portal's number.
    pub fn number(self) -> u8 {
        match self {
            Self::New => 1,
            Self::Received => 2,
            Self::NotAccepted => 3,
            Self::Processing => 4,
            Self::SupplementRequired => 5,
            Self::PaymentRequired => 6,
            Self::Withdrawn => 7,
            Self::Stopped => 8,
            Self::Finished => 9,
            Self::Returned => 10,
        }
    }

    /// The status with the portal's number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// As written in JSON and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Received => "received",
            Self::NotAccepted => "not_accepted",
            Self::Processing => "processing",
            Self::SupplementRequired => "supplement_required",
            Self::PaymentRequired => "payment_required",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::Returned => "returned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_number_and_name() {
        for (place, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(status.number()), place + 1);
            assert_eq!(Status::of_number(status.number()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        assert_eq!(Status::of_number(0), None);
        assert_eq!(Status::of_number(11), None);
    }
}
