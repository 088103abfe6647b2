//! The tax gateway in both known clients' forms. Shapes as public answers show them; a slip signed by somebody who does not exist.

use std::sync::Arc;

use lienthong_core::{FaultKind, Surroundings, SystemId};
use lienthong_tax::{Tax, TaxConfig};
use serde_json::{Value, json};

use crate::server::{Raw, Received};
use crate::subject::{Ask, Built, Means, Misleading, Subject};

/// The first client: its namespaces, CDATA.
pub(crate) struct Split;
/// The other client: one namespace, escaped, tried by a question.
pub(crate) struct Plain;

const SLIP: &str = include_str!("../../../adapters/tax/testdata/slip.signed.xml");
const DOSSIER: &str = "H56.14-250115-0007";

fn built(settings: &Value, around: &Surroundings<'_>) -> Built {
    let config: TaxConfig = serde_json::from_value(settings.clone()).unwrap();
    let tax = Tax::build(SystemId::new("tax").unwrap(), config, around).unwrap();
    let shown = format!("{tax:?}");
    Built { adapter: Arc::new(tax), inbound: None, shown }
}

fn settings(base: &str) -> Value {
    json!({
        "endpoints": [{ "name": "gip", "url": format!("{base}/t2b/gip/request") }],
        "partner": { "code": "PARTNER" },
        "authentication": { "digest": { "username": "env:USER", "password": "env:PASSWORD" } },
        "slip": { "answer": { "types": ["00101"], "accepted": ["01"], "refused": ["09"] } }
    })
}

fn read() -> Ask {
    Ask::new("tax.find-taxpayer", json!({ "tax_code": "2800000002" }))
}

fn write() -> Ask {
    Ask::new("tax.submit-land-obligation", json!({ "dossier_code": DOSSIER, "slip": encoded() }))
}

/// The slip in base64: all that is personal in the input is inside of it.
fn encoded() -> String {
    lienthong_formats::base64::encode(SLIP.as_bytes())
}

fn data(header: &str, row: &str) -> String {
    format!("<DATA><HEADER><MSG_ID>GIP202503020000001</MSG_ID>{header}</HEADER><BODY>{row}</BODY></DATA>")
}

/// An answer in both clients' forms.
#[derive(Clone, Copy)]
struct Form {
    namespace: &'static str,
    cdata: bool,
}

impl Form {
    fn around(self, data: &str) -> Raw {
        let inside = if self.cdata {
            format!("<![CDATA[{data}]]>")
        } else {
            data.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        };
        let soap = format!(
            "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><n:xuLyTruyVanMsgResponse xmlns:n=\"{}\"><return>{inside}</return></n:xuLyTruyVanMsgResponse></S:Body></S:Envelope>",
            self.namespace
        );
        Raw::new(200, "text/xml; charset=utf-8", soap)
    }

    fn good(self, received: &Received) -> Raw {
        if received.text().contains("PhieuChuyen") {
            return self.taken("01", "Tiếp nhận thành công");
        }
        let row = "<ROW_NNT><MST>2800000002</MST><TEN_NNT>CÔNG TY TNHH MẪU</TEN_NNT><NGAYCAP_MST>01/01/2015</NGAYCAP_MST></ROW_NNT>";
        let row = format!("<THONGTIN_NNT><THONGTINCHUNG>{row}</THONGTINCHUNG></THONGTIN_NNT>");
        self.around(&data("", &format!("<ROW><TYPE>00004</TYPE>{row}</ROW>")))
    }

    fn taken(self, state: &str, words: &str) -> Raw {
        let row = format!(
            "<ROW><TYPE>00101</TYPE><MA_HS>{DOSSIER}</MA_HS><TRANGTHAI>{state}</TRANGTHAI><MOTA_TRANGTHAI>{words}</MOTA_TRANGTHAI></ROW>"
        );
        self.around(&data("", &row))
    }

    fn refusal(self, words: &str) -> Raw {
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        self.around(&data(&format!("<ERROR_CODE>99</ERROR_CODE><ERROR_DESC>{words}</ERROR_DESC>"), ""))
    }

    fn misleading(self) -> Vec<Misleading> {
        let case = |what, answer, means| Misleading { what, answer, means };
        let other = data("", "<ROW><TYPE>00047</TYPE><TRANGTHAI>01</TRANGTHAI></ROW>");
        let cut: String = data("", "<ROW><TYPE>00101</TYPE><TRANGTHAI>01</TRANGTHAI></ROW>").chars().take(90).collect();
        vec![
            case("taken and denied in words", self.taken("01", "Tiếp nhận không thành công"), Means::Unknown),
            case("a state nobody knows", self.taken("77", "Tiếp nhận thành công"), Means::Unknown),
            case("success in words alone", self.taken("", "thành công"), Means::Unknown),
            case("a refusal", self.taken("09", "Thành công"), Means::Kind(FaultKind::Rejected)),
            case("an answer of another type", self.around(&other), Means::Unknown),
            case("a message that breaks off inside its SOAP", self.around(&cut), Means::Unknown),
            case("an error that calls itself a success", self.refusal("Thành công"), Means::Unknown),
            case("a SOAP fault with 200", fault(200, "S:Server"), Means::Unknown),
            case("a SOAP fault with 500", fault(500, "S:Server"), Means::Unknown),
            case("a refused proof", fault(500, "wsse:FailedAuthentication"), Means::Kind(FaultKind::Unauthenticated)),
        ]
    }
}

fn fault(status: u16, code: &str) -> Raw {
    let soap = format!(
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault><faultcode>{code}</faultcode><faultstring>thành công</faultstring></S:Fault></S:Body></S:Envelope>"
    );
    Raw::new(status, "text/xml", soap)
}

const SPLIT: Form = Form { namespace: "http://gip.response.com/", cdata: true };
const PLAIN: Form = Form { namespace: "http://gip.com/", cdata: false };

impl Subject for Split {
    fn name(&self) -> &'static str {
        "tax (split)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        built(&settings(base), around)
    }

    fn read(&self) -> Ask {
        read()
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        vec![encoded()]
    }

    fn good(&self, received: &Received) -> Raw {
        SPLIT.good(received)
    }

    fn refusal(&self, words: &str) -> Raw {
        SPLIT.refusal(words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        SPLIT.misleading()
    }
}

impl Subject for Plain {
    fn name(&self) -> &'static str {
        "tax (plain)"
    }

    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built {
        let mut whole = settings(base);
        whole["soap"] = json!({
            "request": "http://gip.com/", "response": "http://gip.com/", "qualified": true, "wrapping": "escaped"
        });
        whole["probe_tax_code"] = json!("2800000002");
        built(&whole, around)
    }

    fn read(&self) -> Ask {
        read()
    }

    fn write(&self) -> Ask {
        write()
    }

    fn markers(&self) -> Vec<String> {
        vec![encoded()]
    }

    fn good(&self, received: &Received) -> Raw {
        PLAIN.good(received)
    }

    fn refusal(&self, words: &str) -> Raw {
        PLAIN.refusal(words)
    }

    fn misleading(&self) -> Vec<Misleading> {
        PLAIN.misleading()
    }
}
