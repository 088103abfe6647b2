//! The raw axis form: `mapi/login` and `mapi/g`, with the session in the body; it must not process a call.

use serde_json::{Map, Value};

use super::answers::Refusal;
use super::call::{Call, Credentials, Incoming};

pub(super) fn login(body: &[u8]) -> Result<Incoming, Refusal> {
    let mut fields = object(body)?;
    let call =
        Call::Login { username: take_text(&mut fields, "username")?, password: take_text(&mut fields, "password")? };
    Ok(Incoming { call, credentials: Credentials::None })
}

pub(super) fn call(body: &[u8]) -> Result<Incoming, Refusal> {
    let mut fields = object(body)?;
    let credentials =
        Credentials::Session { session: take_text(&mut fields, "session")?, unit: take_text(&mut fields, "madonvi")? };
    let service = take_text(&mut fields, "service")?;
    let call = match service.as_str() {
        "DongBoHoSoMC" => Call::SyncDossiers {
            updating: updating(&take_text(&mut fields, "isUpdating")?)?,
            data: take_array(&mut fields)?,
        },
        "CapNhatTienDoHoSoMC" => Call::SyncSteps { data: take_array(&mut fields)? },
        "DongBoTrangThaiHoSo" => status_push(&mut fields)?,
        "TraCuuHoSo" => Call::FindDossier { code: take_text(&mut fields, "mahoso")? },
        "LayDanhSachTTHC" => Call::ListProcedures,
        "LayThuTuc" => Call::GetProcedure { code: take_text(&mut fields, "maTTHC")? },
        "LayDanhMucCoQuan" => Call::ListAgencies,
        "LayDanhMucLinhVuc" => Call::ListFields,
        _ => return Err(Refusal::other("unknown-service", "-1", "Dịch vụ không hợp lệ")),
    };
    Ok(Incoming { call, credentials })
}

fn status_push(fields: &mut Map<String, Value>) -> Result<Call, Refusal> {
    if take_text(fields, "type")? != "2" {
        return Err(Refusal::bad_request("type phải là 2"));
    }
    match fields.remove("data") {
        Some(data @ Value::Object(_)) => Ok(Call::SyncStatus { data }),
        Some(_) => Err(Refusal::not_a_string("data")),
        None => Err(Refusal::missing("data")),
    }
}

/// `isUpdating` is a text: `True` or `False`.
pub(super) fn updating(text: &str) -> Result<bool, Refusal> {
    match text {
        "True" => Ok(true),
        "False" => Ok(false),
        _ => Err(Refusal::bad_request("isUpdating phải là True hoặc False")),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(Refusal::bad_request("dữ liệu không đúng định dạng JSON")),
    }
}

fn take_array(fields: &mut Map<String, Value>) -> Result<Vec<Value>, Refusal> {
    match fields.remove("data") {
        Some(Value::Array(data)) if !data.is_empty() => Ok(data),
        Some(Value::Array(_)) | None => Err(Refusal::missing("data")),
        Some(_) => Err(Refusal::not_a_string("data")),
    }
}

fn take_text(fields: &mut Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match fields.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Null) | None => Err(Refusal::missing(name)),
        Some(_) => Err(Refusal::not_a_string(name)),
    }
}
