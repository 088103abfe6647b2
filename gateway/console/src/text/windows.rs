//! The words of maintenance windows, in both languages. They decide nothing.

use lienthong_engine::desk::window::Day;
use serde::Serialize;

/// Maintenance windows.
#[derive(Debug, Serialize)]
pub(crate) struct Windows {
    pub(crate) title: &'static str,
    pub(crate) says: &'static str,
    pub(crate) none: &'static str,
    pub(crate) standing: &'static str,
    pub(crate) open: &'static str,
    pub(crate) opens: &'static str,
    pub(crate) over: &'static str,
    pub(crate) configured: &'static str,
    pub(crate) by: &'static str,
    pub(crate) days: &'static str,
    pub(crate) days_rule: &'static str,
    pub(crate) once: &'static str,
    pub(crate) daily: &'static str,
    pub(crate) mon: &'static str,
    pub(crate) tue: &'static str,
    pub(crate) wed: &'static str,
    pub(crate) thu: &'static str,
    pub(crate) fri: &'static str,
    pub(crate) sat: &'static str,
    pub(crate) sun: &'static str,
    pub(crate) from: &'static str,
    pub(crate) until: &'static str,
    pub(crate) moment_rule: &'static str,
    pub(crate) set: &'static str,
    pub(crate) change: &'static str,
    pub(crate) change_says: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) remove_says: &'static str,
}

impl Windows {
    pub(crate) fn day(&self, day: Day) -> &'static str {
        match day {
            Day::Mon => self.mon,
            Day::Tue => self.tue,
            Day::Wed => self.wed,
            Day::Thu => self.thu,
            Day::Fri => self.fri,
            Day::Sat => self.sat,
            Day::Sun => self.sun,
        }
    }
}

pub(super) const VI: Windows = Windows {
    title: "Khung giờ bảo trì",
    says: "Trong khung giờ bảo trì giao dịch vẫn được nhận và chờ, không tính lần gửi lại. Hết khung giờ, một lượt đi trước rồi đến phần còn lại.",
    none: "Chưa có khung giờ nào.",
    standing: "Hiện tại",
    open: "Đang mở đến",
    opens: "Mở lúc",
    over: "Đã hết",
    configured: "Theo cấu hình",
    by: "Người đặt",
    days: "Các ngày trong tuần",
    days_rule: "Không chọn ngày nào thì chỉ một lần.",
    once: "Một lần",
    daily: "Hằng ngày",
    mon: "Thứ hai",
    tue: "Thứ ba",
    wed: "Thứ tư",
    thu: "Thứ năm",
    fri: "Thứ sáu",
    sat: "Thứ bảy",
    sun: "Chủ nhật",
    from: "Từ",
    until: "Đến",
    moment_rule: "Có chọn ngày: giờ như 22:00. Một lần: thời điểm như 2026-03-02T22:00. Giờ Việt Nam.",
    set: "Đặt khung giờ",
    change: "Sửa khung giờ",
    change_says: "Khung giờ đang mở có hiệu lực theo nội dung mới ngay.",
    remove: "Bỏ khung giờ",
    remove_says: "Khung giờ đang mở sẽ hết ngay bây giờ: một lượt đi trước, rồi đến phần còn lại.",
};

pub(super) const EN: Windows = Windows {
    title: "Maintenance windows",
    says: "While a window is open exchanges are accepted and wait; no retries are spent. Afterwards one goes first, and then the rest.",
    none: "There are no windows.",
    standing: "Now",
    open: "Open until",
    opens: "Opens at",
    over: "Over",
    configured: "Configured",
    by: "Set by",
    days: "Days of the week",
    days_rule: "Without a day it is open once.",
    once: "Once",
    daily: "Daily",
    mon: "Monday",
    tue: "Tuesday",
    wed: "Wednesday",
    thu: "Thursday",
    fri: "Friday",
    sat: "Saturday",
    sun: "Sunday",
    from: "From",
    until: "Until",
    moment_rule: "With days: a time like 22:00. Once: a moment like 2026-03-02T22:00. Vietnam's time.",
    set: "Set a window",
    change: "Change the window",
    change_says: "A window that is open is in force as changed at once.",
    remove: "Remove the window",
    remove_says: "A window that is open ends now: one message goes first, and then the rest.",
};
