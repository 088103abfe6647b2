//! The provincial re-publication form: Bearer, one address per service, bare bodies; it must not process a call.

use serde_json::Value;

use super::answers::Refusal;
use super::call::Call;
use super::org::is_of;
use super::raw::updating;
use crate::net::request::Query;

/// Whether the path belongs to this form; the last segment names the service.
pub(super) fn endpoint(path: &str) -> Option<&str> {
    let (before, last) = path.trim_end_matches('/').rsplit_once('/')?;
    let folder = before.rsplit('/').next()?;
    matches!(folder, "KetNoiMotCuaQuocGia" | "SynsTTHCC").then_some(last)
}

/// Reads one request. `None`: no such address.
pub(super) fn call(endpoint: &str, query: &Query, body: &[u8], prefixes: &[String]) -> Option<Result<Call, Refusal>> {
    let call = match endpoint {
        "ThemMoi" => dossiers(body, false),
        "CapNhat" => dossiers(body, true),
        "DongBoHoSoMC" => dossiers_by_query(query, body, prefixes),
        "DongBoTienTrinh" | "CapNhatTienDoHoSoMC" => array(body).map(|data| Call::SyncSteps { data }),
        "DongBoTrangThai" | "DongBoTrangThaiHoSo" => status_push(body),
        "TraCuuHoSo" => need(query, "mahoso").map(|code| Call::FindDossier { code }),
        "LayDanhSachTTHC" => Ok(Call::ListProcedures),
        "LayThuTuc" => need(query, "maTTHC").map(|code| Call::GetProcedure { code }),
        "LayDanhMucCoQuan" => Ok(Call::ListAgencies),
        "LayDanhMucLinhVuc" => Ok(Call::ListFields),
        _ => return None,
    };
    Some(call)
}

fn dossiers(body: &[u8], updating: bool) -> Result<Call, Refusal> {
    array(body).map(|data| Call::SyncDossiers { updating, data })
}

fn dossiers_by_query(query: &Query, body: &[u8], prefixes: &[String]) -> Result<Call, Refusal> {
    let unit = need(query, "MaDinhDanhDV")?;
    if !is_of(&unit, prefixes) {
        return Err(Refusal::other("foreign-unit", "-1", "Mã định danh đơn vị không hợp lệ"));
    }
    dossiers(body, updating(&need(query, "isUpdating")?)?)
}

fn status_push(body: &[u8]) -> Result<Call, Refusal> {
    match parse(body)? {
        data @ Value::Object(_) => Ok(Call::SyncStatus { data }),
        _ => Err(Refusal::not_a_string("data")),
    }
}

fn array(body: &[u8]) -> Result<Vec<Value>, Refusal> {
    match parse(body)? {
        Value::Array(data) if data.is_empty() => Err(Refusal::missing("data")),
        Value::Array(data) => Ok(data),
        _ => Err(Refusal::not_a_string("data")),
    }
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad_request("dữ liệu không đúng định dạng JSON"))
}

fn need(query: &Query, name: &str) -> Result<String, Refusal> {
    query.get(name).map(str::to_owned).ok_or_else(|| Refusal::missing(name))
}
