//! A dossier snapshot into `DongBoHoSoMC`'s form: every field mapped, checked and left as it was said. Nothing is made up or cut.

use lienthong_core::Fault;
use lienthong_core::secret::Personal;

use super::check::Found;
use super::{Rules, digit, nfc, or_blank, personal};
use crate::model::{
    Dossier, Fee, Identity, IdentityKind, OtherPaper, Owner, OwnerKind, Paper, ReceptionChannel, ResultPaper,
    ReturnMethod, Supplement,
};
use crate::wire::dossier as wire;
use crate::wire::flag;

/// The wire form, or every field problem at once.
pub(crate) fn to_wire<'a>(rules: &Rules, dossier: &'a Dossier) -> Result<wire::Dossier<'a>, Fault> {
    let mut found = Found::default();
    found.code(rules, "/code", &dossier.code);
    found.required("/procedure_code", &dossier.procedure_code);
    let mapped = mapped(rules, dossier, &mut found);
    lengths(rules, &mapped, &mut found);
    for name in dossier.extensions.keys().filter(|name| wire::DOSSIER_FIELDS.contains(&name.as_str())) {
        found.add(format!("/extensions/{name}"), "is a field this operation names itself");
    }
    found.settle(mapped)
}

fn mapped<'a>(rules: &Rules, dossier: &'a Dossier, found: &mut Found) -> wire::Dossier<'a> {
    #[rustfmt::skip]
    let Dossier {
        code, procedure_code, procedure_name, field_code, field_name, receipt_number, channel, owner, summary,
        other_information, submitted_at, received_at, due_at, finished_at, returned_at, refused_at, status,
        return_method, return_information, handling_unit, note, submission_place, has_digitised_papers,
        account_verified, online_payment, connected_databases, papers, fees, other_papers, supplements,
        results, extensions,
    } = dossier;
    wire::Dossier {
        ma_ho_so: nfc(code),
        ma_tthc: nfc(procedure_code),
        ten_tthc: or_blank(procedure_name.as_deref()),
        ma_linh_vuc: or_blank(field_code.as_deref()),
        ten_linh_vuc: or_blank(field_name.as_deref()),
        so_bien_nhan: receipt_number.as_deref().map(nfc),
        kenh_thuc_hien: channel.map_or("", channel_code),
        owner: owner_to_wire(owner, found),
        thong_tin_khac: or_blank(other_information.as_deref()),
        trich_yeu_ho_so: or_blank(summary.as_deref()),
        ngay_tiep_nhan: found.moment("/received_at", *received_at),
        ngay_hen_tra: found.moment_or_blank("/due_at", *due_at),
        trang_thai_ho_so: rules.sent(*status).number().to_string(),
        ngay_tra: found.moment_or_blank("/returned_at", *returned_at),
        thong_tin_tra: personal(return_information),
        hinh_thuc: return_method.map_or("", return_code),
        ngay_ket_thuc_xu_ly: found.moment_or_blank("/finished_at", *finished_at),
        don_vi_xu_ly: or_blank(handling_unit.as_deref()),
        ghi_chu: or_blank(note.as_deref()),
        tai_lieu_nop: papers_to_wire(rules, papers, found),
        danh_sach_le_phi: each(fees, "/fees", |fee, at| fee_to_wire(rules, fee, at, found)),
        danh_sach_tep_dinh_kem_khac: each(other_papers, "/other_papers", |one, at| {
            other_to_wire(rules, one, at, found)
        }),
        danh_sach_ho_so_bo_sung: each(supplements, "/supplements", |one, at| supplement_to_wire(rules, one, at, found)),
        danh_sach_giay_to_ket_qua: each(results, "/results", |one, at| result_to_wire(rules, one, at, found)),
        noi_nop_ho_so: or_blank(submission_place.as_deref()),
        ho_so_co_thanh_phan_so_hoa: digit(*has_digitised_papers),
        tai_khoan_duoc_xac_thuc: digit(*account_verified),
        duoc_thanh_toan_truc_tuyen: or_blank(online_payment.as_deref()),
        ngay_tu_choi: found.moment_or_blank("/refused_at", *refused_at),
        ngay_nop_ho_so: found.moment_or_blank("/submitted_at", *submitted_at),
        ds_ket_noi_csdl: connected_databases.iter().map(|code| wire::Database { ma_csdl: nfc(code) }).collect(),
        extensions,
    }
}

fn owner_to_wire<'a>(owner: &'a Owner, found: &mut Found) -> wire::Owner<'a> {
    let Owner { name, kind, tech_id, document_number, identities, email, phone, fax } = owner;
    found.name("/owner/name", &name.0);
    wire::Owner {
        chu_ho_so: nfc(&name.0),
        loai_doi_tuong: kind_code(*kind),
        ma_doi_tuong: personal(tech_id),
        so_giay_to_chu_ho_so: document_number.as_ref().map(|Personal(number)| nfc(number)),
        dinh_danh_chs: each(identities, "/owner/identities", |one, at| identity_to_wire(one, at, found)),
        email: personal(email),
        fax: personal(fax),
        so_dien_thoai: personal(phone),
    }
}

/// Maps a list, handing each entry's pointer along.
fn each<'a, T, W>(all: &'a [T], pointer: &str, mut to: impl FnMut(&'a T, &str) -> W) -> Vec<W> {
    all.iter().enumerate().map(|(place, one)| to(one, &format!("{pointer}/{place}"))).collect()
}

/// Lengths are counted in characters of what is really sent, which is NFC.
fn lengths(rules: &Rules, dossier: &wire::Dossier<'_>, found: &mut Found) {
    let limits = &rules.limits;
    found.length("/summary", &dossier.trich_yeu_ho_so, limits.summary);
    found.length("/note", &dossier.ghi_chu, limits.note);
    let others = [
        ("/procedure_code", &dossier.ma_tthc),
        ("/procedure_name", &dossier.ten_tthc),
        ("/field_code", &dossier.ma_linh_vuc),
        ("/field_name", &dossier.ten_linh_vuc),
        ("/owner/name", &dossier.owner.chu_ho_so),
        ("/owner/tech_id", &dossier.owner.ma_doi_tuong),
        ("/owner/email", &dossier.owner.email),
        ("/owner/fax", &dossier.owner.fax),
        ("/owner/phone", &dossier.owner.so_dien_thoai),
        ("/other_information", &dossier.thong_tin_khac),
        ("/return_information", &dossier.thong_tin_tra),
        ("/handling_unit", &dossier.don_vi_xu_ly),
        ("/submission_place", &dossier.noi_nop_ho_so),
        ("/online_payment", &dossier.duoc_thanh_toan_truc_tuyen),
    ];
    for (pointer, value) in others {
        found.length(pointer, value, limits.other);
    }
    let optional =
        [("/receipt_number", &dossier.so_bien_nhan), ("/owner/document_number", &dossier.owner.so_giay_to_chu_ho_so)];
    for (pointer, value) in optional {
        found.length(pointer, value.as_deref().unwrap_or(""), limits.other);
    }
}

/// Papers of a dossier and of a status notice have one form.
pub(super) fn papers_to_wire<'a>(rules: &Rules, papers: &'a [Paper], found: &mut Found) -> Vec<wire::Paper<'a>> {
    each(papers, "/papers", |paper, at| {
        let Paper { id, file_name, deleted, component_code, url, digitised, reuse, from_data_store, replaced_by } =
            paper;
        found.required(format!("{at}/id"), id);
        found.required(format!("{at}/file_name"), &file_name.0);
        found.url(format!("{at}/url"), url);
        let name = nfc(&file_name.0);
        found.length(format!("{at}/file_name"), &name, rules.limits.paper_name);
        wire::Paper {
            tep_dinh_kem_id: nfc(id),
            ten_tep_dinh_kem: name,
            is_deleted: flag(*deleted),
            ma_thanh_phan_ho_so: or_blank(component_code.as_deref()),
            duong_dan_tai_tep_tin: nfc(url),
            duoc_so_hoa: digit(*digitised),
            duoc_tai_su_dung: or_blank(reuse.as_deref()),
            duoc_lay_tu_kho_dmqg: digit(*from_data_store),
            ma_ket_qua_thay_the: or_blank(replaced_by.as_deref()),
        }
    })
}

fn fee_to_wire<'a>(rules: &Rules, fee: &'a Fee, at: &str, found: &mut Found) -> wire::Fee<'a> {
    let Fee { name, code, collection, amount, kind } = fee;
    found.required(format!("{at}/name"), name);
    found.length(format!("{at}/name"), name, rules.limits.other);
    wire::Fee {
        ten_phi_le_phi: nfc(name),
        ma_phi_le_phi: or_blank(code.as_deref()),
        hinh_thuc_thu: or_blank(collection.as_deref()),
        gia: amount.to_string(),
        loai_phi_le_phi: or_blank(kind.as_deref()),
    }
}

fn other_to_wire<'a>(rules: &Rules, paper: &'a OtherPaper, at: &str, found: &mut Found) -> wire::OtherPaper<'a> {
    let OtherPaper { name, count, kind } = paper;
    found.required(format!("{at}/name"), name);
    found.length(format!("{at}/name"), name, rules.limits.other);
    wire::OtherPaper {
        ten_giay_to: nfc(name),
        so_luong: count.map_or_else(String::new, |count| count.to_string()),
        loai_giay_to: or_blank(kind.as_deref()),
    }
}

fn supplement_to_wire<'a>(
    rules: &Rules,
    supplement: &'a Supplement,
    at: &str,
    found: &mut Found,
) -> wire::Supplement<'a> {
    let Supplement {
        id,
        requested_by,
        content,
        requested_at,
        received_by,
        reception_information,
        received_at,
        state,
        papers,
        fees,
        previous_due_at,
        new_due_at,
    } = supplement;
    found.required(format!("{at}/id"), id);
    for (field, text) in [("content", content), ("reception_information", reception_information)] {
        found.length(format!("{at}/{field}"), &or_blank(text.as_deref()), rules.limits.other);
    }
    wire::Supplement {
        ho_so_bo_sung_id: nfc(id),
        nguoi_yeu_cau_bo_sung: personal(requested_by),
        noi_dung_bo_sung: or_blank(content.as_deref()),
        ngay_bo_sung: found.moment_or_blank(&format!("{at}/requested_at"), *requested_at),
        nguoi_tiep_nhan_bo_sung: personal(received_by),
        thong_tin_tiep_nhan: or_blank(reception_information.as_deref()),
        ngay_tiep_nhan_bo_sung: found.moment_or_blank(&format!("{at}/received_at"), *received_at),
        trang_thai_bo_sung: or_blank(state.as_deref()),
        danh_sach_giay_to_bo_sung: papers,
        danh_sach_le_phi_bo_sung: fees,
        ngay_hen_tra_truoc: found.moment_or_blank(&format!("{at}/previous_due_at"), *previous_due_at),
        ngay_hen_tra_moi: found.moment_or_blank(&format!("{at}/new_due_at"), *new_due_at),
    }
}

fn result_to_wire<'a>(rules: &Rules, result: &'a ResultPaper, at: &str, found: &mut Found) -> wire::ResultPaper<'a> {
    let ResultPaper { name, component_code, id, url, catalogue_code } = result;
    let name = nfc(&name.0);
    found.required(format!("{at}/name"), &name);
    found.length(format!("{at}/name"), &name, rules.limits.result_name);
    found.url(format!("{at}/url"), url);
    wire::ResultPaper {
        ten_giay_to: name,
        ma_thanh_phan_ho_so: or_blank(component_code.as_deref()),
        giay_to_id: or_blank(id.as_deref()),
        duong_dan_tep_tin_ket_qua: nfc(url),
        ma_giay_to_ket_qua: or_blank(catalogue_code.as_deref()),
    }
}

fn identity_to_wire<'a>(identity: &'a Identity, at: &str, found: &mut Found) -> wire::Identity<'a> {
    let Identity { kind, number: Personal(number) } = identity;
    let (code, digits) = match kind {
        IdentityKind::CitizenId => ("1", 12),
        IdentityKind::IdentityCard => ("2", 9),
    };
    if number.len() != digits || !number.bytes().all(|b| b.is_ascii_digit()) {
        found.add(format!("{at}/number"), format!("must be {digits} digits for this kind"));
    }
    wire::Identity { loai_dinh_danh: code, so_dinh_danh: nfc(number) }
}

fn kind_code(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::Citizen => "1",
        OwnerKind::Enterprise => "2",
        OwnerKind::StateBody => "3",
        OwnerKind::OtherOrganisation => "4",
    }
}

fn channel_code(channel: ReceptionChannel) -> &'static str {
    match channel {
        ReceptionChannel::InPerson => "1",
        ReceptionChannel::Online => "2",
        ReceptionChannel::Postal => "3",
    }
}

fn return_code(method: ReturnMethod) -> &'static str {
    match method {
        ReturnMethod::Direct => "0",
        ReturnMethod::Postal => "1",
    }
}
