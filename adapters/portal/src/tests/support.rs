//! What the socket tests share: a portal built against the scripted server, a clock that is told the time, calls. No assertions on behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lienthong_core::file::NoFiles;
use lienthong_core::program::NoPrograms;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Body, CallContext, Clock, Fault, OperationName, Surroundings, SystemId, Timestamp};
use serde_json::{Value, json};

use super::server::Server;
use crate::{Portal, PortalConfig};

pub(super) const PASSWORD: &str = "mat-khau-rat-bi-mat";

/// Secrets by the name in their reference.
pub(super) struct Secrets;

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        match reference {
            SecretRef::Env(name) if name == "USER" => Ok("tai-khoan".into()),
            SecretRef::Env(name) if name == "PASSWORD" => Ok(PASSWORD.into()),
            SecretRef::Env(name) if name == "TOKEN" => Ok("the-token-1234".into()),
            SecretRef::Env(name) if name == "KEY" => Ok("khoa-chung-0001".into()),
            // Well-formed and used by nobody.
            SecretRef::Env(name) if name == "CA" => Ok(include_str!("../../testdata/unused-ca.pem").into()),
            SecretRef::Env(_) | SecretRef::File(_) => Err(format!("{reference} is not set")),
        }
    }
}

/// A clock in seconds since 2025-01-15T00:00:00Z, moved by hand.
#[derive(Default)]
pub(super) struct HandClock(AtomicU64);

impl HandClock {
    pub(super) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2025-01-15T00:00:00Z".parse().unwrap();
        start.checked_add(self.monotonic()).unwrap()
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

pub(super) fn axis(base: &str) -> Value {
    json!({
        "endpoints": [{
            "name": "axis",
            "destination": { "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider" },
            "axis": {
                "base": format!("{base}/XrdAdapter/RestService/forward"),
                "organisation": "000.00.00.H56",
                "username": "env:USER", "password": "env:PASSWORD"
            }
        }],
        "phrases": {
            "session_expired": ["phiên làm việc đã hết hạn"],
            "throttled": ["quá nhiều yêu cầu"],
            "maintenance": ["hệ thống đang bảo trì"]
        }
    })
}

pub(super) fn lgsp(base: &str) -> Value {
    json!({
        "endpoints": [{
            "name": "lgsp",
            "lgsp": {
                "base": format!("{base}/KetNoiMotCuaQuocGia"),
                "token": "env:TOKEN",
                "paths": {
                    "add_dossier": "ThemMoi?MaDinhDanhDV=000.00.00.H56",
                    "update_dossier": "CapNhat",
                    "progress": "DongBoTienTrinh",
                    "procedures": "LayDanhSachTTHC",
                    "procedure": "LayThuTuc"
                }
            }
        }]
    })
}

pub(super) struct Bench {
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Arc<HandClock>,
}

pub(super) fn bench(config: Value) -> Bench {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let config: PortalConfig = serde_json::from_value(config).unwrap();
    let clock = Arc::new(HandClock::default());
    let shared: Arc<dyn Clock> = clock.clone();
    let around =
        Surroundings { secrets: &Secrets, clock: shared, files: Arc::new(NoFiles), programs: Arc::new(NoPrograms) };
    let portal = Portal::build(SystemId::new("portal").unwrap(), config, &around).unwrap();
    Bench { portal: Arc::new(portal), clock }
}

pub(super) fn bench_at(server: &Server) -> Bench {
    bench(axis(&server.address))
}

impl Bench {
    pub(super) fn context(&self) -> CallContext {
        CallContext::new("0.0.1", Duration::from_secs(10), self.clock.clone())
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.call_in(&self.context(), operation, input).await
    }

    pub(super) async fn call_in(&self, cx: &CallContext, operation: &str, input: Value) -> Result<Value, Fault> {
        let body = Body::json(serde_json::to_vec(&input).unwrap());
        let answer = self.portal.call(cx, &name(operation), &body).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }

    pub(super) fn example(&self, operation: &str) -> Value {
        let wanted = name(operation);
        self.portal.operations().iter().find(|spec| spec.name == wanted).unwrap().example.clone()
    }

    /// The operation's own example, sent.
    pub(super) async fn call_example(&self, operation: &str) -> Result<Value, Fault> {
        self.call(operation, self.example(operation)).await
    }
}

pub(super) fn name(operation: &str) -> OperationName {
    OperationName::new(&format!("portal.{operation}")).unwrap()
}

/// A portal that is never called.
pub(crate) fn portal() -> Arc<Portal> {
    bench(axis("http://127.0.0.1:1")).portal
}
