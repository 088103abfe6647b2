//! Words of rows that operators add to code tables, in both languages. It formats nothing.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Rows {
    pub(crate) title: &'static str,
    pub(crate) says: &'static str,
    pub(crate) days: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) add: &'static str,
    pub(crate) add_one: &'static str,
    pub(crate) tried: &'static str,
    pub(crate) added: &'static str,
    pub(crate) list: &'static str,
    pub(crate) cells: &'static str,
    pub(crate) by: &'static str,
    pub(crate) in_force: &'static str,
    pub(crate) in_file: &'static str,
    pub(crate) set_aside: &'static str,
    pub(crate) remove: &'static str,
}

pub(super) const VI: Rows = Rows {
    title: "Thêm dòng vào bảng mã",
    says: "Dòng có hiệu lực ngay và sau mỗi lần khởi động, cho đến khi được chuyển vào tệp của bảng. Những lượt gửi đang chờ đúng mã này được gửi lại.",
    days: "Ngày đầu và ngày cuối để trống: luôn có hiệu lực. Không được trùng ngày với dòng khác của cùng mã.",
    attempt: "Thử trước",
    add: "Thêm và gửi lại",
    add_one: "Thêm dòng",
    tried: "Chưa làm gì cả. Với dòng này: {passes} lượt đang chờ sẽ gửi được, {fails} lượt thì không.",
    added: "Đã thêm dòng. {moved} lượt được gửi lại ngay; {refused} lượt phải xem riêng.",
    list: "Các dòng đã thêm",
    cells: "Nội dung",
    by: "Người thêm",
    in_force: "Có hiệu lực",
    in_file: "Tệp của bảng đã có dòng này; hãy bỏ ở đây",
    set_aside: "Không dùng: tệp của bảng nói khác.",
    remove: "Bỏ dòng",
};

pub(super) const EN: Rows = Rows {
    title: "Add a row to a code table",
    says: "It is in force at once and after every start, until it is moved into the table's file. Deliveries that wait for exactly this code are released.",
    days: "First and last day left empty: always. No day may belong to another row of the same code.",
    attempt: "Try it first",
    add: "Add and release",
    add_one: "Add a row",
    tried: "Nothing was done. With this row {passes} of those that wait would pass, {fails} would not.",
    added: "The row was added. {moved} deliveries were released at once; {refused} are to be looked at.",
    list: "Rows that were added",
    cells: "Cells",
    by: "Added by",
    in_force: "In force",
    in_file: "Stands in the table's file by now; remove it here",
    set_aside: "Not used: the table's file says otherwise.",
    remove: "Remove",
};
