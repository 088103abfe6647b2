//! What callers say of a dossier as the land office reads it. It checks everything that no schema can say, and changes no text.

use lienthong_core::Fault;
use lienthong_core::secret::Personal;
use lienthong_formats::base64;

use super::check::Found;
use super::{Rules, area, nfc, or_blank, personal};
use crate::config::{AreaIds, AttachmentLimits};
use crate::model::{
    Applicant, Area, Attachment, NewDossier, Paper, Parcel, Process, ResultReturned, Supplement, WrongDossier,
};
use crate::wire::request as wire;

#[cfg(test)]
mod tests;

/// Where a new dossier names the land office's account and procedure.
pub(crate) const OFFICER: &str = "/received_by";
pub(crate) const PROCEDURE: &str = "/process/code";

/// A new dossier. What is absent is sent blank, as the clients seen do; a district that is absent is left out.
pub(crate) fn receive<'a>(rules: &Rules, given: &'a NewDossier) -> Result<wire::Receive<'a>, Fault> {
    let NewDossier {
        code,
        provincial_process,
        area,
        received_by,
        received_at,
        due_at,
        asset_address,
        applicant,
        process,
        parcels,
        papers,
    } = given;
    let mut found = Found::default();
    found.code("/code", code);
    found.required(OFFICER, received_by);
    let [tinh_id, huyen_id, xa_id] = area_ids(area, rules.area_ids, &mut found);
    let zone = rules.times.outgoing;
    let wire = wire::Receive {
        la_quy_trinh_cap_tinh: *provincial_process,
        tinh_id: tinh_id.unwrap_or(wire::AreaId::Number(0)),
        huyen_id,
        xa_id: xa_id.unwrap_or(wire::AreaId::Number(0)),
        so_bien_nhan: code,
        ma_ho_so_mot_cua: code,
        nguoi_tiep_nhan: received_by,
        ngay_tiep_nhan: found.time("/received_at", *received_at, zone),
        ngay_hen_tra: due_at.map(|due| found.time("/due_at", due, zone)),
        dia_chi_tai_san: personal(asset_address),
        thong_tin_nguoi_nop_don: applicant_to_wire(applicant, &mut found),
        thong_tin_quy_trinh: process_to_wire(process, &mut found),
        thong_tin_thua_dat: parcels_to_wire(rules, parcels, &mut found),
        danh_sach_giay_to_dinh_kem: papers_to_wire(&rules.attachments, papers, &mut found),
    };
    found.settle(wire)
}

pub(crate) fn supplement<'a>(rules: &Rules, given: &'a Supplement) -> Result<wire::Supplement<'a>, Fault> {
    let Supplement { code, new_due_at, note, papers } = given;
    let mut found = Found::default();
    found.code("/code", code);
    let wire = wire::Supplement {
        so_bien_nhan: code,
        ngay_hen_tra_moi: new_due_at.map(|due| found.time("/new_due_at", due, rules.times.outgoing)),
        ghi_chu: personal(note),
        danh_sach_giay_to_bo_sung: papers_to_wire(&rules.attachments, papers, &mut found),
    };
    found.settle(wire)
}

pub(crate) fn returned<'a>(rules: &Rules, given: &'a ResultReturned) -> Result<wire::Return<'a>, Fault> {
    let ResultReturned { code, returned_at } = given;
    let mut found = Found::default();
    found.code("/code", code);
    let ngay_tra = found.time("/returned_at", *returned_at, rules.times.outgoing);
    found.settle(wire::Return { so_bien_nhan: code, ngay_tra })
}

pub(crate) fn wrong<'a>(rules: &Rules, given: &'a WrongDossier) -> Result<wire::Wrong<'a>, Fault> {
    let WrongDossier { code, content: Personal(content), papers } = given;
    let mut found = Found::default();
    found.code("/code", code);
    found.required("/content", content);
    let wire = wire::Wrong {
        so_bien_nhan: code,
        noi_dung: nfc(content),
        danh_sach_giay_to_dinh_kem: papers_to_wire(&rules.attachments, papers, &mut found),
    };
    found.settle(wire)
}

/// Province, district, commune. `None` where there is none, or where it was found wrong.
fn area_ids<'a>(given: &'a Area, style: AreaIds, found: &mut Found) -> [Option<wire::AreaId<'a>>; 3] {
    let Area { province_code, district_code, commune_code } = given;
    let mut id = |field: &str, code: &'a str| match area::id(code, style) {
        Ok(id) => Some(id),
        Err(problem) => {
            found.add(format!("/area/{field}"), problem);
            None
        }
    };
    [
        id("province_code", province_code),
        district_code.as_deref().and_then(|code| id("district_code", code)),
        id("commune_code", commune_code),
    ]
}

fn applicant_to_wire<'a>(given: &'a Applicant, found: &mut Found) -> wire::Applicant<'a> {
    let Applicant { name: Personal(name), identity_number, address, phone, email } = given;
    found.name("/applicant/name", name);
    wire::Applicant {
        ho_ten: nfc(name),
        so_chung_minh: personal(identity_number),
        dia_chi_chi_tiet: personal(address),
        so_dien_thoai: personal(phone),
        email: personal(email),
    }
}

fn process_to_wire<'a>(given: &'a Process, found: &mut Found) -> wire::Process<'a> {
    let Process { code, name } = given;
    found.required(PROCEDURE, code);
    wire::Process { ma_quy_trinh: code, ten_quy_trinh: or_blank(name.as_deref()) }
}

fn parcels_to_wire<'a>(rules: &Rules, given: &'a [Parcel], found: &mut Found) -> Vec<wire::Parcel<'a>> {
    let mut all = Vec::with_capacity(given.len());
    for (place, parcel) in given.iter().enumerate() {
        let Parcel { number, map_sheet, square_metres, address } = parcel;
        let area = square_metres.as_deref().unwrap_or("");
        if !area.is_empty() && !is_decimal(area) {
            let problem = "must be decimal digits, with a point before the fraction";
            found.add(format!("/parcels/{place}/square_metres"), problem);
        }
        if address.is_some() && !rules.parcel_addresses {
            found.add(format!("/parcels/{place}/address"), "this land office takes no address with a parcel");
        }
        all.push(wire::Parcel {
            so_thu_tu_thua: nfc(number),
            so_hieu_ban_do: nfc(map_sheet),
            dien_tich: area,
            dia_chi_chi_tiet: rules.parcel_addresses.then(|| personal(address)),
        });
    }
    all
}

fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

fn papers_to_wire<'a>(limits: &AttachmentLimits, given: &'a [Paper], found: &mut Found) -> Vec<wire::Paper<'a>> {
    let AttachmentLimits { papers: most, file_bytes, total_bytes } = limits;
    if given.len() > *most {
        found.add("/papers", format!("holds more than {most} papers"));
        return Vec::new();
    }
    let mut total: usize = 0;
    let mut all = Vec::with_capacity(given.len());
    for (place, paper) in given.iter().enumerate() {
        let Paper { name, originals, copies, file } = paper;
        found.required(format!("/papers/{place}/name"), name);
        if let Some(file) = file {
            let bytes = attached(file, *file_bytes, &format!("/papers/{place}/file"), found);
            total = total.saturating_add(bytes);
        }
        all.push(wire::Paper {
            ten_giay_to: nfc(name),
            so_ban_chinh: *originals,
            so_ban_sao: *copies,
            tap_tin: file.as_ref().map(|Attachment { name, data }| wire::File { name: nfc(name), data }),
        });
    }
    if total > *total_bytes {
        found.add("/papers", format!("its files are longer than {total_bytes} bytes together"));
    }
    all
}

/// The file's size in bytes; what is wrong with it is found.
fn attached(file: &Attachment, most: usize, at: &str, found: &mut Found) -> usize {
    let Attachment { name, data } = file;
    found.required(format!("{at}/name"), name);
    let at = format!("{at}/data");
    // Decoded only when it can fit: its length tells that.
    if data.len() / 4 > most / 3 + 1 {
        found.add(at, format!("is longer than {most} bytes"));
        return 0;
    }
    match base64::decode(data) {
        Ok(bytes) if bytes.is_empty() => found.add(at, "is an empty file"),
        Ok(bytes) if bytes.len() > most => found.add(at, format!("is longer than {most} bytes")),
        Ok(bytes) => return bytes.len(),
        Err(error) => found.add(at, error.to_string()),
    }
    0
}
