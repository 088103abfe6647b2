//! Synthetic people, units and procedures for the sandbox. Nobody here exists.

use rand::RngExt;
use rand::rngs::StdRng;

const FAMILY: [&str; 8] = ["NGUYỄN", "TRẦN", "LÊ", "PHẠM", "HOÀNG", "ĐẶNG", "BÙI", "VÕ"];
const MIDDLE: [&str; 6] = ["VĂN", "THỊ", "ĐỨC", "NGỌC", "MINH", "THU"];
const GIVEN: [&str; 10] = ["MẪU", "THỬ", "AN", "BÌNH", "ĐÀO", "HẠNH", "KHUÊ", "LƯƠNG", "QUỲNH", "YẾN"];
const OFFICERS: [&str; 5] = ["Trần Thị Mẫu", "Lê Văn Thử", "Phạm Ngọc Ví Dụ", "Đỗ Minh Giả", "Vũ Thu Định"];
const UNITS: [&str; 4] = ["UBND xã Mẫu Sơn", "UBND phường Ví Dụ", "Sở Tư pháp (mẫu)", "Chi nhánh VPĐKĐĐ Mẫu"];

/// A procedure as the portal's catalogue names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Procedure {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) field_code: &'static str,
    pub(super) field_name: &'static str,
    pub(super) days: i64,
    pub(super) fee: u64,
}

const PROCEDURES: [Procedure; 4] = [
    Procedure {
        code: "1.000094.000.00.00.H56",
        name: "Đăng ký kết hôn có yếu tố nước ngoài (mẫu)",
        field_code: "G15-TP01",
        field_name: "Hộ tịch",
        days: 7,
        fee: 20_000,
    },
    Procedure {
        code: "1.001193.000.00.00.H56",
        name: "Đăng ký khai sinh (mẫu)",
        field_code: "G15-TP01",
        field_name: "Hộ tịch",
        days: 2,
        fee: 0,
    },
    Procedure {
        code: "1.012784.000.00.00.H56",
        name: "Đăng ký biến động đất đai (mẫu)",
        field_code: "G13-DD01",
        field_name: "Đất đai",
        days: 10,
        fee: 650_000,
    },
    Procedure {
        code: "2.002403.000.00.00.H56",
        name: "Tiếp công dân (mẫu)",
        field_code: "G20-TT02",
        field_name: "Thanh tra",
        days: 12,
        fee: 0,
    },
];

fn one<'a, T: ?Sized>(rng: &mut StdRng, from: &[&'a T]) -> Option<&'a T> {
    from.get(rng.random_range(0..from.len())).copied()
}

pub(super) fn owner(rng: &mut StdRng) -> String {
    [one(rng, &FAMILY), one(rng, &MIDDLE), one(rng, &GIVEN)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) fn officer(rng: &mut StdRng) -> &'static str {
    one(rng, &OFFICERS).unwrap_or("Trần Thị Mẫu")
}

pub(super) fn unit(rng: &mut StdRng) -> &'static str {
    one(rng, &UNITS).unwrap_or("UBND xã Mẫu Sơn")
}

pub(super) fn procedure(rng: &mut StdRng) -> Procedure {
    let chosen = rng.random_range(0..PROCEDURES.len());
    PROCEDURES.get(chosen).copied().unwrap_or(PROCEDURES[0])
}

/// A 12-digit number in the form of a citizen id; the province code 000 is nobody's.
pub(super) fn citizen_id(rng: &mut StdRng) -> String {
    format!("000{:09}", rng.random_range(0..1_000_000_000_u64))
}
