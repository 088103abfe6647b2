//! Progress steps and status notices into the portal's form. No step is added, none is left out.

use lienthong_core::{Body, Fault, limits};
use serde::Serialize;

use super::check::Found;
use super::dossier::papers_to_wire;
use super::{Rules, json, nfc, or_blank, personal};
use crate::model::{Progress, ProgressStep, StatusUpdate};
use crate::wire::work as wire;

/// The steps of one request, or every field problem at once.
pub(crate) fn steps_to_wire<'a>(rules: &Rules, progress: &'a Progress) -> Result<Vec<wire::Step<'a>>, Fault> {
    let Progress { code, steps } = progress;
    let mut found = Found::default();
    if steps.len() > rules.progress_steps {
        found.add("/steps", format!("holds more than the {} steps of one request", rules.progress_steps));
    }
    let mapped = mapped(rules, code, steps, &mut found);
    found.settle(mapped)
}

/// The steps of one exchange, which may be several requests' worth.
pub(crate) fn check_steps(rules: &Rules, progress: &Progress) -> Result<(), Fault> {
    let Progress { code, steps } = progress;
    let mut found = Found::default();
    check_count(rules, steps, &mut found);
    drop(mapped(rules, code, steps, &mut found));
    found.settle(())
}

fn check_count(rules: &Rules, steps: &[ProgressStep], found: &mut Found) {
    let most = limits::DELIVERIES.saturating_mul(rules.progress_steps);
    if steps.len() > most {
        found.add("/steps", format!("holds more than the {most} steps one exchange can deliver; send them as several"));
    }
}

fn mapped<'a>(rules: &Rules, code: &'a str, steps: &'a [ProgressStep], found: &mut Found) -> Vec<wire::Step<'a>> {
    found.code(rules, "/code", code);
    if steps.is_empty() {
        found.add("/steps", "must hold at least one step");
    }
    steps.iter().enumerate().map(|(place, step)| step_to_wire(rules, code, step, place, found)).collect()
}

fn step_to_wire<'a>(
    rules: &Rules,
    code: &'a str,
    step: &'a ProgressStep,
    place: usize,
    found: &mut Found,
) -> wire::Step<'a> {
    let ProgressStep { officer, position, at, department, content, status, started_at, due_at } = step;
    let pointer = |field: &str| format!("/steps/{place}/{field}");
    let officer = nfc(&officer.0);
    found.required(pointer("officer"), &officer);
    found.length(pointer("officer"), &officer, rules.limits.officer);
    let mapped = wire::Step {
        ma_ho_so: nfc(code),
        nguoi_xu_ly: officer,
        chuc_danh: or_blank(position.as_deref()),
        thoi_diem_xu_ly: found.moment(&pointer("at"), *at),
        phong_ban_xu_ly: or_blank(department.as_deref()),
        noi_dung_xu_ly: or_blank(content.as_deref()),
        trang_thai: rules.sent(*status).number().to_string(),
        ngay_bat_dau: found.moment_or_blank(&pointer("started_at"), *started_at),
        ngay_ket_thuc_theo_quy_dinh: found.moment_or_blank(&pointer("due_at"), *due_at),
    };
    found.length(pointer("position"), &mapped.chuc_danh, rules.limits.other);
    found.length(pointer("department"), &mapped.phong_ban_xu_ly, rules.limits.other);
    found.length(pointer("content"), &mapped.noi_dung_xu_ly, rules.limits.other);
    mapped
}

/// The steps as bodies of at most one request each, in order.
pub(crate) fn split(rules: &Rules, body: &Body, progress: &Progress) -> Result<Vec<Body>, Fault> {
    let Progress { code, steps } = progress;
    if steps.len() <= rules.progress_steps {
        return Ok(vec![body.clone()]);
    }
    let mut found = Found::default();
    check_count(rules, steps, &mut found);
    found.settle(())?;
    steps.chunks(rules.progress_steps).map(|steps| json(&Part { code, steps })).collect()
}

/// [`Progress`] over borrowed steps.
#[derive(Serialize)]
struct Part<'a> {
    code: &'a str,
    steps: &'a [ProgressStep],
}

/// The wire form of a status notice, or every field problem at once.
pub(crate) fn status_to_wire<'a>(rules: &Rules, update: &'a StatusUpdate) -> Result<wire::Status<'a>, Fault> {
    let StatusUpdate { code, portal_code, owner_tech_id, content, at, status, papers } = update;
    let mut found = Found::default();
    found.code(rules, "/code", code);
    found.required("/portal_code", portal_code);
    found.length("/portal_code", portal_code, limits::KEY_CHARS);
    let number = rules.status_numbers.get(status).copied().unwrap_or_else(|| status.number());
    let mapped = wire::Status {
        ma_ho_so: nfc(portal_code),
        ma_ho_so_don_vi: nfc(code),
        ma_doi_tuong: personal(owner_tech_id),
        noi_dung: or_blank(content.as_deref()),
        ngay_xu_ly: found.moment("/at", *at),
        trang_thai: number.to_string(),
        tai_lieu_xu_ly: papers_to_wire(rules, papers, &mut found),
    };
    found.length("/content", &mapped.noi_dung, rules.limits.other);
    found.settle(mapped)
}
