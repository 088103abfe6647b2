//! The population database in its three generations. Shapes as public clients show them; synthetic people.

use std::sync::Arc;

use lienthong_core::{FaultKind, Surroundings, SystemId};
use lienthong_population::{Population, PopulationConfig};
use serde_json::{Value, json};

use crate::server::{Raw, Received};
use crate::subject::{Ask, Built, Means, Misleading, Subject};

/// SOAP across the national axis, a hash of the time.
pub(crate) struct Ndxp;
/// SOAP through a provincial platform, a token and a key per officer.
pub(crate) struct Lgsp;
/// A provincial JSON wrapper that returns the SOAP as a text.
pub(crate) struct Wrapper;

fn built(access: Value, base: &str, around: &Surroundings<'_>) -> Built {
    let endpoint = json!({
        "name": "one", "address": format!("{base}/dancu"), "access": access,
        "addresses": { "verify_citizen": format!("{base}/verify") }
    });
    let settings = json!({
        "endpoints": [endpoint], "operations": { "verify_citizen": { "integration_code": "999" } },
        "phrases": { "maintenance": ["đang bảo trì"] }
    });
    let config: PopulationConfig = serde_json::from_value(settings).unwrap();
    let population = Population::build(SystemId::new("population").unwrap(), config, around).unwrap();
    let shown = format!("{population:?}");
    Built { adapter: Arc::new(population), inbound: None, shown }
}

fn question() -> Value {
    json!({
        "purpose": { "procedure_code": "1.000094", "officer": "canbo01", "unit": "H56.14" },
        "identity_number": "038199654321", "old_identity_number": "176543210", "name": "ĐẶNG THỊ BÍ MẬT",
        "birth_date": "1999-12-31"
    })
}

/// The database changes nothing: the laws of a change hold for its richest question.
fn find() -> Ask {
    Ask::new("population.find-citizen", question())
}

fn verify() -> Ask {
    Ask::new("population.verify-citizen", question())
}

fn markers() -> Vec<String> {
    ["ĐẶNG THỊ BÍ MẬT", "038199654321", "176543210", "1999-12-31"].map(str::to_owned).to_vec()
}

fn envelope(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
}

fn answer(received: &Received) -> String {
    if received.target == "/verify" {
        return envelope("<ns1:KetQua><ns1:TonTai>true</ns1:TonTai></ns1:KetQua>");
    }
    envelope(
        "<ns1:CongdanCollection><ns1:CongDan><ns1:SoDinhDanh>038199654321</ns1:SoDinhDanh><ns1:SoCMND>176543210</ns1:SoCMND><ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/><ns1:Ten>Đặng Thị Bí Mật</ns1:Ten></ns1:HoVaTen><ns1:GioiTinh>2</ns1:GioiTinh><ns1:NgayThangNamSinh><ns1:Nam>1999</ns1:Nam><ns1:NgayThangNam>19991231</ns1:NgayThangNam></ns1:NgayThangNamSinh></ns1:CongDan></ns1:CongdanCollection>",
    )
}

fn fault(code: &str, words: &str) -> String {
    envelope(&format!(
        "<soapenv:Fault><faultcode>soapenv:{code}</faultcode><faultstring>{words}</faultstring></soapenv:Fault>"
    ))
}

fn xml(status: u16, body: &str) -> Raw {
    Raw::new(status, "text/xml; charset=utf-8", body)
}

fn case(what: &'static str, answer: Raw, means: Means) -> Misleading {
    Misleading { what, answer, means }
}

fn nobody() -> String {
    envelope("<ns1:CongdanCollection/>")
}

fn somebody_else() -> String {
    envelope(
        "<ns1:CongdanCollection><ns1:CongDan><ns1:SoDinhDanh>038199654322</ns1:SoDinhDanh><ns1:HoVaTen><ns1:Ten>Người Khác</ns1:Ten></ns1:HoVaTen></ns1:CongDan></ns1:CongdanCollection>",
    )
}

fn misleading_soap() -> Vec<Misleading> {
    let nameless = envelope(
        "<ns1:CongdanCollection><ns1:CongDan><ns1:SoDinhDanh/><ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/><ns1:Ten/></ns1:HoVaTen></ns1:CongDan></ns1:CongdanCollection>",
    );
    let entity = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    let not_found = Means::Kind(FaultKind::NotFound);
    vec![
        case("nobody, as an empty collection", xml(200, &nobody()), not_found),
        case("nobody, as a citizen without a name", xml(200, &nameless), not_found),
        case("somebody else", xml(200, &somebody_else()), Means::Unknown),
        case("a fault with status 200", xml(200, &fault("Server", "Internal Error")), Means::Unknown),
        case("a fault with status 500", xml(500, &fault("Server", "Internal Error")), Means::Unknown),
        case("a refusal with status 500", xml(500, &fault("Client", "Sai cấu trúc")), Means::Kind(FaultKind::Rejected)),
        case(
            "maintenance in words",
            xml(500, &fault("Server", "Hệ thống đang bảo trì")),
            Means::Kind(FaultKind::Unavailable),
        ),
        case("an entity", xml(200, entity), Means::Unknown),
    ]
}

fn wrapped(code: Value, message: &str) -> Raw {
    Raw::json(200, &json!({ "error_code": code, "message": message }))
}

fn token(received: &Received) -> Raw {
    let token = format!("token-{}", received.number);
    Raw::json(200, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }))
}

impl Subject for Ndxp {
    fn name(&self) -> &'static str {
        "population (ndxp)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let ndxp = json!({
            "user": "env:USER", "secret_key": "env:KEY", "api_key": "env:API_KEY", "road_client": "CS/GOV/SIM/province"
        });
        built(json!({ "ndxp": ndxp }), base, around)
    }

    fn read(&self) -> Ask {
        verify()
    }

    fn write(&self) -> Ask {
        find()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn good(&self, received: &Received) -> Raw {
        xml(200, &answer(received))
    }

    fn refusal(&self, words: &str) -> Raw {
        xml(500, &fault("Client", words))
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading_soap()
    }
}

impl Subject for Lgsp {
    fn name(&self) -> &'static str {
        "population (lgsp)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let application = json!({
            "access_key": "env:ACCESS", "secret_key": "env:SECRET", "app_name": "one-stop", "partner_code": "P",
            "partner_code_cus": "P01"
        });
        let token =
            json!({ "granted": { "address": format!("{base}/token"), "proof": { "application": application } } });
        let officers = json!({ "canbo01": { "name": "env:OFFICER", "password": "env:OFFICER_PASSWORD" } });
        built(json!({ "lgsp": { "token": token, "officers": officers } }), base, around)
    }

    fn read(&self) -> Ask {
        verify()
    }

    fn write(&self) -> Ask {
        find()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn is_login(&self, received: &Received) -> bool {
        received.target == "/token"
    }

    fn has_session(&self) -> bool {
        true
    }

    fn shown(&self) -> Option<&'static str> {
        Some("token-1")
    }

    fn good(&self, received: &Received) -> Raw {
        if self.is_login(received) { token(received) } else { xml(200, &answer(received)) }
    }

    fn refusal(&self, words: &str) -> Raw {
        xml(500, &fault("Client", words))
    }

    fn misleading(&self) -> Vec<Misleading> {
        misleading_soap()
    }
}

impl Subject for Wrapper {
    fn name(&self) -> &'static str {
        "population (wrapper)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let proof = json!({ "client": { "key": "env:CLIENT", "secret": "env:CLIENT_SECRET" } });
        let token = json!({ "granted": { "address": format!("{base}/token"), "proof": proof } });
        built(json!({ "wrapper": { "token": token } }), base, around)
    }

    fn read(&self) -> Ask {
        verify()
    }

    fn write(&self) -> Ask {
        find()
    }

    fn markers(&self) -> Vec<String> {
        markers()
    }

    fn is_login(&self, received: &Received) -> bool {
        received.target == "/token"
    }

    fn has_session(&self) -> bool {
        true
    }

    fn shown(&self) -> Option<&'static str> {
        Some("token-1")
    }

    fn good(&self, received: &Received) -> Raw {
        if self.is_login(received) { token(received) } else { wrapped(json!("0"), &answer(received)) }
    }

    fn refusal(&self, words: &str) -> Raw {
        wrapped(json!("-1"), words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        let page = "<html><head><title>Đăng nhập</title></head></html>";
        let maintenance = "<html><body>Hệ thống đang bảo trì</body></html>";
        vec![
            case("nobody behind code 0", wrapped(json!(0), &nobody()), Means::Kind(FaultKind::NotFound)),
            case("somebody else behind code 0", wrapped(json!("0"), &somebody_else()), Means::Unknown),
            case("a login page behind code 0", wrapped(json!("0"), page), Means::Unknown),
            case("maintenance behind code 0", wrapped(json!("0"), maintenance), Means::Kind(FaultKind::Unavailable)),
            case("a fault behind code 0", wrapped(json!("0"), &fault("Server", "Internal Error")), Means::Unknown),
            case("success in words with code -1", wrapped(json!("-1"), "Thành công"), Means::Fault),
            case("an object for a code", wrapped(json!({ "value": 0 }), &nobody()), Means::Unknown),
            case("no code", wrapped(Value::Null, &nobody()), Means::Unknown),
        ]
    }
}
