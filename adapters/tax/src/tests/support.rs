//! What the tests share: a gateway built against the scripted server, a clock that stands, answers in both wrappings. No assertions on behaviour.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::file::NoFiles;
use lienthong_core::program::NoPrograms;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Body, CallContext, Clock, Fault, OperationName, Surroundings, SystemId, Timestamp};
use lienthong_formats::xml::{Element, Limits, read};
use serde_json::{Value, json};

use super::server::Server;
use crate::{Tax, TaxConfig};

pub(super) const PASSWORD: &str = "mat-khau-rat-bi-mat";
pub(super) const REFERENCE: &str = "01994f3e-0000-7000-8000-000000000001.0.1";
pub(super) const DOSSIER: &str = "H56.14-250115-0007";
pub(super) const SLIP: &str = include_str!("../../testdata/slip.signed.xml");

/// `env:NAME` gives what was put there.
pub(super) struct Secrets(pub(super) Vec<(&'static str, String)>);

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let put =
            |name: &String| self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str().into());
        match reference {
            SecretRef::Env(name) if name == "USER" => Ok("PARTNER".into()),
            SecretRef::Env(name) if name == "PASSWORD" => Ok(PASSWORD.into()),
            SecretRef::Env(name) => put(name).ok_or_else(|| format!("{reference} is not set")),
            SecretRef::File(_) => Err(format!("{reference} is not set")),
        }
    }
}

/// A clock that stands at one moment.
pub(super) struct Still(pub(super) Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

pub(super) fn settings(base: &str) -> Value {
    json!({
        "endpoints": [{ "name": "gip", "url": format!("{base}/t2b/gip/request") }],
        "partner": { "code": "PARTNER", "name": "Sở Mẫu" },
        "authentication": { "digest": { "username": "env:USER", "password": "env:PASSWORD" } },
        "ledger": {
            "type": "00109", "name": "Truy vấn sổ thuế nhà đất", "dossier_element": "MA_HS", "owner_element": "SO",
            "nothing_owed": ["02"], "unknown": ["03"]
        },
        "slip": { "answer": { "types": ["00101"], "accepted": ["01"], "refused": ["09"] }, "dossier_element": "SoBienNhan" },
        "phrases": { "not_found": ["không tồn tại", "không tìm thấy"], "maintenance": ["đang bảo trì"] }
    })
}

pub(super) struct Bench {
    pub(super) tax: Arc<Tax>,
    clock: Arc<Still>,
}

pub(super) fn bench(settings: Value) -> Bench {
    bench_at(settings, Secrets(Vec::new()), "2025-01-15T01:30:00Z".parse().unwrap())
}

pub(super) fn bench_at(settings: Value, secrets: Secrets, now: Timestamp) -> Bench {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let clock = Arc::new(Still(now));
    let around = Surroundings {
        secrets: &secrets,
        clock: clock.clone(),
        files: Arc::new(NoFiles),
        programs: Arc::new(NoPrograms),
    };
    let config: TaxConfig = serde_json::from_value(settings).unwrap();
    let tax = Tax::build(SystemId::new("tax").unwrap(), config, &around).unwrap();
    Bench { tax: Arc::new(tax), clock }
}

impl Bench {
    pub(super) fn context(&self) -> CallContext {
        CallContext::new(REFERENCE, Duration::from_secs(20), self.clock.clone())
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.call_in(&self.context(), operation, &input).await
    }

    pub(super) async fn call_in(&self, cx: &CallContext, operation: &str, input: &Value) -> Result<Value, Fault> {
        let body = Body::json(input.to_string());
        let answer = self.tax.call(cx, &name(operation), &body).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }

    pub(super) async fn find(&self, code: &str) -> Result<Value, Fault> {
        self.call("find-taxpayer", json!({ "tax_code": code })).await
    }

    pub(super) async fn submit(&self, slip: &str) -> Result<Value, Fault> {
        self.call("submit-land-obligation", submission(slip)).await
    }
}

pub(super) fn submission(slip: &str) -> Value {
    json!({ "dossier_code": DOSSIER, "slip": lienthong_formats::base64::encode(slip.as_bytes()) })
}

pub(super) fn name(operation: &str) -> OperationName {
    OperationName::new(&format!("tax.{operation}")).unwrap()
}

/// An answer around `<DATA>`, in the first client's namespace.
pub(super) fn soap(data: &str) -> String {
    format!(
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><n:xuLyTruyVanMsgResponse xmlns:n=\"http://gip.response.com/\">\
         <return><![CDATA[{data}]]></return></n:xuLyTruyVanMsgResponse></S:Body></S:Envelope>"
    )
}

pub(super) fn data(header: &str, row: &str) -> String {
    format!("<DATA><HEADER><MSG_ID>GIP202501150000009</MSG_ID>{header}</HEADER><BODY>{row}</BODY></DATA>")
}

pub(super) fn taken(state: &str, words: &str) -> String {
    soap(&data(
        "",
        &format!(
            "<ROW><TYPE>00101</TYPE><MA_HS>{DOSSIER}</MA_HS><TRANGTHAI>{state}</TRANGTHAI><MOTA_TRANGTHAI>{words}</MOTA_TRANGTHAI></ROW>"
        ),
    ))
}

/// What the other side reads in `in_msg`.
pub(super) fn in_msg(server: &Server) -> String {
    element(&server.last().body).at(&["Body", "xuLyTruyVanMsg", "in_msg"]).unwrap().text.clone()
}

pub(super) fn element(document: &str) -> Element {
    read(document.as_bytes(), &Limits::CARRIER).unwrap()
}
