//! Two platforms as their public clients are written, habits and all: what they send, how they read answers, when they log in.

use serde_json::{Value, json};

use crate::harness::http;

/// Most steps it sends at once.
const STEPS: usize = 10;

/// A platform behind a provincial LGSP: a static token, an address each for adding and updating, bare arrays.
pub(super) struct LgspPlatform {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// What came of one dossier.
#[derive(Debug)]
pub(super) struct Synced {
    pub(super) calls: Vec<&'static str>,
    pub(super) succeeded: bool,
    #[expect(dead_code, reason = "shown when a test fails")]
    last: String,
}

impl LgspPlatform {
    pub(super) fn new(base: &str, token: &str) -> Self {
        Self { base: base.to_owned(), token: token.to_owned(), http: http() }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        let response = request.json(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        let response = request.query(query).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null))
    }

    /// Insert first; as an update when the answer says that it exists already. Success is code 0 and the words.
    pub(super) async fn sync(&self, dossier: &Value) -> Synced {
        let body = json!([dossier]);
        let mut calls = Vec::new();
        let mut last = String::new();
        for path in ["ThemMoi", "CapNhat"] {
            calls.push(path);
            last = self.post(path, &body).await.1;
            let answer: Value = serde_json::from_str(&last).unwrap_or(Value::Null);
            let code = match &answer["error_code"] {
                Value::String(code) => code.clone(),
                other => other.to_string(),
            };
            let message = answer["message"].as_str().unwrap_or_default().to_lowercase();
            if ["0", "3", "-3"].contains(&code.as_str()) && message.contains("đã tồn tại") {
                continue;
            }
            return Synced { calls, succeeded: code == "0" && message.contains("thành công"), last };
        }
        Synced { calls, succeeded: false, last }
    }

    /// Ten steps a call; the answer is read as plain text.
    pub(super) async fn steps(&self, steps: &[Value]) -> Vec<(String, bool)> {
        let mut told = Vec::new();
        for some in steps.chunks(STEPS) {
            let (_, text) = self.post("DongBoTienTrinh", &json!(some)).await;
            let succeeded = text.to_lowercase().contains("thành công");
            told.push((text, succeeded));
        }
        told
    }
}

/// A step of a dossier's handling.
pub(super) fn step(code: &str, hour: u32) -> Value {
    json!({
        "MaHoSo": code, "NguoiXuLy": "Trần Thị Mẫu", "ChucDanh": "Chuyên viên",
        "ThoiDiemXuLy": format!("20260115{:02}3000", 8 + hour), "PhongBanXuLy": "Bộ phận Một cửa",
        "NoiDungXuLy": format!("Bước {hour}"), "TrangThai": "4", "NgayBatDau": "20260115083000",
        "NgayKetThucTheoQuyDinh": "20260122170000",
    })
}

/// A platform that speaks to the axis itself: a session in every body, kept for ten minutes, never renewed before.
pub(super) struct AxisPlatform {
    pub(super) base: String,
    username: String,
    password: String,
    pub(super) session: Option<String>,
    pub(super) logins: u32,
    http: reqwest::Client,
}

/// What came of one dossier.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) updating: &'static str,
    pub(super) succeeded: bool,
    #[expect(dead_code, reason = "shown when a test fails")]
    answer: Value,
}

impl AxisPlatform {
    pub(super) fn new(base: &str, username: &str, password: &str) -> Self {
        let (username, password) = (username.to_owned(), password.to_owned());
        Self { base: base.to_owned(), username, password, session: None, logins: 0, http: http() }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}/mapi/{path}", self.base)).header("Charset", "utf-8");
        let request = request.header("dstcode", "VN:GOV:000.00.00.G22:vpcpdvcprovider");
        let response = request.json(body).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null)
    }

    pub(super) async fn call(&mut self, service: &str, mut fields: Value) -> Value {
        if self.session.is_none() {
            self.logins += 1;
            let answer = self.post("login", &json!({"username": self.username, "password": self.password})).await;
            match answer["session"].as_str() {
                Some(session) => self.session = Some(session.to_owned()),
                None => return answer,
            }
        }
        fields["session"] = json!(self.session);
        fields["madonvi"] = json!("000.00.00.H56");
        fields["service"] = json!(service);
        self.post("g", &fields).await
    }

    /// Asks whether the portal has the dossier, and adds or updates.
    pub(super) async fn sync(&mut self, dossier: &Value) -> Told {
        let found = self.call("TraCuuHoSo", json!({"mahoso": dossier["MaHoSo"]})).await;
        let exists = found["result"].as_array().is_some_and(|rows| !rows.is_empty());
        let updating = if exists { "True" } else { "False" };
        let answer = self.call("DongBoHoSoMC", json!({"isUpdating": updating, "data": [dossier]})).await;
        let succeeded = answer["error_code"] == 0;
        Told { updating, succeeded, answer }
    }
}
