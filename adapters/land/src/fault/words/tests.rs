//! Tests of the land office's words: what is said, of what, and that nothing unknown is ever success.

use proptest::prelude::*;

use super::*;

const CODE: &str = "H56.14-250115-0007";

fn told(message: &str) -> Told {
    let phrases = LandPhrases {
        session_expired: vec!["phiên đã hết hạn".into()],
        throttled: vec!["quá nhiều yêu cầu".into()],
        maintenance: vec!["đang bảo trì".into()],
        ..LandPhrases::default()
    };
    LandWords::new(&phrases).told(message, CODE)
}

#[test]
fn it_exists_already_only_when_told_so_of_this_dossier() {
    for message in [
        "Số biên nhận đã tồn tại",
        "SỐ BIÊN NHẬN H56.14-250115-0007 ĐÃ TỒN TẠI",
        "Thêm mới không thành công: Hồ sơ đã tồn tại trên hệ thống",
        "Đã tồn tại số biên nhận này",
        "Lỗi. Mã hồ sơ h56.14-250115-0007 đã tồn tại.",
    ] {
        assert_eq!(told(message), Told::Exists, "{message}");
    }
    for message in [
        "Đã tồn tại",
        "Tập tin của hồ sơ đã tồn tại",
        "Số biên nhận H56.14-250115-0008 đã tồn tại",
        "Số biên nhận 000.00.14.H56-250115-0007 đã tồn tại",
        "Hồ sơ hợp lệ; thửa đất đã tồn tại",
    ] {
        assert_eq!(told(message), Told::OtherExists, "{message}");
    }
}

#[test]
fn it_was_returned_already_only_when_told_so_of_this_dossier() {
    assert_eq!(told("Hồ sơ đã được trả kết quả"), Told::Returned);
    assert_eq!(told("Hồ sơ H56.14-250115-0009 đã được trả"), Told::OtherExists);
    assert_eq!(told("Hồ sơ chưa được trả"), Told::Unknown);
}

#[test]
fn failures_that_only_look_like_success_are_failures() {
    assert_eq!(told("Không tìm thấy hồ sơ!"), Told::NotFound);
    assert_eq!(told("Hồ sơ không tồn tại"), Told::NotFound);
    assert_eq!(told("Hồ sơ không chờ bổ sung"), Told::NotWaiting);
    assert_eq!(told("Hồ sơ không tồn tại hoặc đã được trả"), Told::NotFound, "the contrary wins");
    assert_eq!(told("Cập nhật không thành công"), Told::Failure);
}

#[test]
fn an_unknown_officer_or_procedure_is_not_an_unknown_dossier() {
    assert_eq!(told("Người tiếp nhận canbo01 không tồn tại"), Told::UnknownOfficer);
    assert_eq!(told("Tiếp nhận hồ sơ thất bại: không tìm thấy"), Told::NotFound);
    assert_eq!(told("Mã quy trình không tồn tại"), Told::UnknownProcedure);
    assert_eq!(told("Không tìm thấy tài khoản canbo01!"), Told::UnknownOfficer, "said before it is named");
}

#[test]
fn what_comes_before_processing_wins() {
    assert_eq!(told("Hệ thống đang bảo trì, hồ sơ đã tồn tại"), Told::Maintenance);
    assert_eq!(told("Quá nhiều yêu cầu"), Told::Throttled);
    assert_eq!(told("Phiên đã hết hạn"), Told::SessionExpired);
}

proptest! {
    #[test]
    fn no_message_panics_and_unknown_is_never_success(message in "\\PC*", code in "\\PC{0,40}") {
        let words = LandWords::new(&LandPhrases::default());
        let said = words.told(&message, &code);
        prop_assert!(said != Told::Success || text::folded(&message).contains("thành công"));
        prop_assert!(said != Told::Exists || text::folded(&message).contains("đã tồn tại"));
        prop_assert!(said != Told::Returned || text::folded(&message).contains("đã được trả"));
    }
}
