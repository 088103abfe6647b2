//! A ministry described by configuration: JSON behind OAuth tokens, and a legacy dialect of forms and XML behind a key.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::{FaultKind, Surroundings, SystemId};
use lienthong_rest::{Rest, RestConfig};
use serde_json::{Value, json};

use crate::bench::SECRET;
use crate::server::{Raw, Received};
use crate::subject::{Ask, Built, LookupCase, Means, Misleading, Subject, Told};

pub(crate) struct Json;
pub(crate) struct Legacy;

fn built(settings: Value, around: &Surroundings<'_>) -> Built {
    let config: RestConfig = serde_json::from_value(settings).unwrap();
    let rest = Rest::build(SystemId::new("permits").unwrap(), config, around).unwrap();
    let (inbound, shown) = (rest.inbound(), format!("{rest:?}"));
    Built { adapter: Arc::new(rest), inbound, shown }
}

fn write() -> Ask {
    let holder = json!({ "name": "ĐẶNG THỊ BÍ MẬT", "id_number": "038199654321", "phone": "0987654321" });
    Ask::new("permits.register-permit", json!({ "request": "YC-2026-0001", "kind": "XD", "holder": holder }))
}

fn read() -> Ask {
    Ask::new("permits.find-permit", json!({ "number": "GP-2026-000001" }))
}

fn markers() -> Vec<String> {
    ["ĐẶNG THỊ BÍ MẬT", "038199654321", "0987654321"].map(str::to_owned).to_vec()
}

/// What both dialects' operations have in common.
fn operation(name: &str, effect: &str, example: &Value, own: Value) -> Value {
    let mut operation = json!({
        "name": name, "summary": "An operation of permits.", "effect": effect, "example": example,
        "input": { "type": "object" }, "personal": ["/holder/name", "/holder/id_number", "/holder/phone", "/permit/holder"]
    });
    operation.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    operation
}

const REGISTER: &str = r#"
.body = { "request_id": .input.request, "kind": .input.kind, "holder": .input.holder }
"#;

/// Says "not done" only of an answer that is a list, and empty.
const DECIDE: &str = r#"
.decision = "unknown"
if .body.code == 0 && is_array(.body.data.items) {
    if exists(.body.data.items[0]) {
        .decision = "done"
        .output = { "permit": .body.data.items[0] }
    } else {
        .decision = "not_done"
    }
}
"#;

fn json_settings(base: &str) -> Value {
    let oauth = json!({
        "token_url": format!("{base}/oauth/token"), "client_id": "env:CLIENT", "client_secret": "env:SECRET"
    });
    let find = operation(
        "find-permit",
        "read",
        &read().input,
        json!({
            "request": { "path": "permits/{.number}" },
            "outcomes": [{ "when": { "status": [404], "at": "/code", "equals": "NOT_FOUND" }, "then": "not_found" }],
            "answer": { "map": ".output = { \"permit\": .body.data }" }
        }),
    );
    let register = operation(
        "register-permit",
        "once",
        &write().input,
        json!({
            "request": { "method": "POST", "path": "permits", "body": { "as": "json" }, "map": REGISTER },
            "answer": { "headers": ["location"], "map": ".output = { \"permit\": .body.data, \"at\": .headers.location }" },
            "lookup": {
                "request": { "path": "permits", "query": { "request_id": "{.request}" } }, "status": [200],
                "settle": "30s", "decide": DECIDE
            }
        }),
    );
    let failed = json!({ "at": "/message", "contains": ["không thành công", "chưa thành công"] });
    json!({
        "endpoints": [{ "name": "ministry", "base": format!("{base}/v2"), "authentication": { "oauth2": oauth } }],
        "probe": { "path": "health" },
        "outcomes": [
            { "when": failed, "then": "rejected", "code": "/code", "text": "/message" },
            { "when": { "at": "/code", "equals": "INVALID" }, "then": "rejected", "code": "/code", "text": "/message",
              "problems": { "at": "/errors", "field": "/field", "code": "/code" } },
            { "when": { "at": "/code", "equals": "DUPLICATE" }, "then": "conflict", "code": "/code", "text": "/message" },
            { "when": { "program": "is_object(.body.code)" }, "then": "unknown" },
            { "when": { "at": "/code", "equals": 0 }, "then": "success" }
        ],
        "operations": [find, register]
    })
}

fn permit() -> Value {
    json!({ "number": "GP-2026-000001", "holder": "ĐẶNG THỊ BÍ MẬT", "state": "ACTIVE" })
}

fn says(code: Value, message: &str, data: Value) -> Raw {
    Raw::json(200, &json!({ "code": code, "message": message, "data": data }))
}

impl Subject for Json {
    fn name(&self) -> &'static str {
        "rest (json)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        built(json_settings(base), around)
    }

    fn read(&self) -> Ask {
        read()
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn is_login(&self, received: &Received) -> bool {
        received.target == "/oauth/token"
    }

    fn has_session(&self) -> bool {
        true
    }

    fn shown(&self) -> Option<&'static str> {
        Some("token-1")
    }

    fn good(&self, received: &Received) -> Raw {
        if self.is_login(received) {
            let token = format!("token-{}", received.number);
            return Raw::json(200, &json!({ "access_token": token, "token_type": "bearer", "expires_in": "600" }));
        }
        says(json!(0), "Thành công", permit()).with("Location", "/v2/permits/GP-2026-000001")
    }

    fn refusal(&self, words: &str) -> Raw {
        says(json!("INVALID"), words, Value::Null)
    }

    fn misleading(&self) -> Vec<Misleading> {
        let case = |what, answer, means| Misleading { what, answer, means };
        vec![
            case(
                "not successful with code zero",
                says(json!(0), "Thực hiện không thành công", Value::Null),
                Means::Kind(FaultKind::Rejected),
            ),
            case("an object for a code", says(json!({ "value": 0 }), "Thành công", permit()), Means::Unknown),
            case("a code nobody knows", says(json!("17"), "Thành công", permit()), Means::Unknown),
            case(
                "success with status 500",
                Raw { status: 500, ..says(json!(0), "Thành công", permit()) },
                Means::Unknown,
            ),
            case(
                "a request that came before",
                Raw { status: 409, ..says(json!("DUPLICATE"), "Đã có", Value::Null) },
                Means::Kind(FaultKind::Conflict),
            ),
        ]
    }

    fn lookups(&self) -> Vec<LookupCase> {
        let items = |items: Value| says(json!(0), "Thành công", json!({ "items": items }));
        let case = |what, answer, seconds, told| {
            let age = Duration::from_secs(seconds);
            LookupCase { what, answer, age, told }
        };
        vec![
            case("it is there", items(json!([permit()])), 5, Told::Done),
            case("it is not there, and may still come", items(json!([])), 5, Told::Unknown),
            case("it is not there, and will not come", items(json!([])), 60, Told::NotDone),
        ]
    }
}

fn legacy_settings(base: &str) -> Value {
    let find = operation(
        "find-permit",
        "read",
        &read().input,
        json!({
            "request": { "path": "TraCuuGiayPhep", "query": { "so": "{.number}" } },
            "answer": { "as": "xml", "map": ".output = { \"permit\": .body.KetQua.GiayPhep }" }
        }),
    );
    let map = ".body = { \"ChuSoHuu\": .input.holder.name, \"CCCD\": .input.holder.id_number, \"Loai\": .input.kind, \"MaYeuCau\": .input.request, \"DienThoai\": .input.holder.phone }";
    let register = operation(
        "register-permit",
        "once",
        &write().input,
        json!({
            "request": { "method": "POST", "path": "TaoGiayPhep", "body": { "as": "form" }, "map": map },
            "answer": { "as": "xml", "map": ".output = { \"permit\": .body.KetQua.GiayPhep }" }
        }),
    );
    json!({
        "endpoints": [{
            "name": "ministry", "base": format!("{base}/v1"),
            "authentication": { "api_key": { "name": "X-Api-Key", "value": "env:KEY" } }
        }],
        "outcomes": [
            { "when": { "at": "/KetQua/Ma", "one_of": ["01"] }, "then": "not_found", "code": "/KetQua/Ma", "text": "/KetQua/MoTa" },
            { "when": { "at": "/KetQua/Ma", "one_of": ["02", "03"] }, "then": "conflict", "code": "/KetQua/Ma", "text": "/KetQua/MoTa" },
            { "when": { "at": "/KetQua/Ma", "equals": "04" }, "then": "rejected", "code": "/KetQua/Ma", "text": "/KetQua/MoTa" },
            { "when": { "at": "/KetQua/MoTa", "contains": ["không thành công"] }, "then": "rejected", "text": "/KetQua/MoTa" },
            { "when": { "at": "/KetQua/MoTa", "contains": ["thành công"], "program": ".body.KetQua.Ma == \"00\"" }, "then": "success" }
        ],
        "operations": [find, register]
    })
}

fn xml(code: &str, words: &str, inside: &str) -> Raw {
    let text = format!("<?xml version=\"1.0\"?><KetQua><Ma>{code}</Ma><MoTa>{words}</MoTa>{inside}</KetQua>");
    Raw::new(200, "application/xml; charset=utf-8", text)
}

const GRANTED: &str = "<GiayPhep><SoGiayPhep>GP-1</SoGiayPhep><ChuSoHuu>ĐẶNG THỊ BÍ MẬT</ChuSoHuu></GiayPhep>";

impl Subject for Legacy {
    fn name(&self) -> &'static str {
        "rest (legacy)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        built(legacy_settings(base), around)
    }

    fn read(&self) -> Ask {
        read()
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn shown(&self) -> Option<&'static str> {
        Some(SECRET)
    }

    fn good(&self, _received: &Received) -> Raw {
        xml("00", "Thành công", GRANTED)
    }

    fn refusal(&self, words: &str) -> Raw {
        xml("04", words, "")
    }

    fn misleading(&self) -> Vec<Misleading> {
        let case = |what, answer, means| Misleading { what, answer, means };
        let entity = "<!DOCTYPE a [<!ENTITY b \"00\">]><KetQua><Ma>&b;</Ma><MoTa>Thành công</MoTa></KetQua>";
        vec![
            case(
                "not successful with code zero",
                xml("00", "Thực hiện không thành công", ""),
                Means::Kind(FaultKind::Rejected),
            ),
            case("not yet successful", xml("00", "Thực hiện chưa thành công", ""), Means::Unknown),
            case("an element for a code", xml("<v>00</v>", "Thành công", GRANTED), Means::Unknown),
            case("an entity for a code", Raw::new(200, "application/xml", entity), Means::Unknown),
            case("not found with 200", xml("01", "Không tìm thấy giấy phép", ""), Means::Kind(FaultKind::NotFound)),
        ]
    }
}
