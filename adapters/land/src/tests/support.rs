//! What the tests share: a land office built against the scripted server, a clock told the time, a store in memory. No assertions on behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lienthong_core::file::{FileError, FileStore, FileWriter, StoredFile};
use lienthong_core::program::{Compiler, Program, ProgramText};
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{Adapter, Body, CallContext, Clock, Fault, OperationName, Surroundings, SystemId, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::server::Server;
use crate::{Land, LandConfig};

pub(super) const PASSWORD: &str = "mat-khau-rat-bi-mat";

struct Secrets;

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        match reference {
            SecretRef::Env(name) if name == "PASSWORD" => Ok(PASSWORD.into()),
            SecretRef::Env(name) if name.starts_with("MISSING") => Err(format!("{reference} is not set")),
            SecretRef::Env(name) => Ok(format!("secret-{name}").into()),
            SecretRef::File(_) => Err(format!("{reference} is not set")),
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

/// Files in memory, and how much was written of those never finished.
#[derive(Default)]
pub(super) struct Memory {
    files: Mutex<Vec<Vec<u8>>>,
    pub(super) largest_chunk: AtomicU64,
    pub(super) written: AtomicU64,
}

impl Memory {
    pub(super) fn kept(&self) -> Vec<Vec<u8>> {
        self.files.lock().clone()
    }
}

pub(super) struct Store(pub(super) Arc<Memory>);

struct Writing(Arc<Memory>, Vec<u8>);

#[async_trait]
impl FileStore for Store {
    async fn begin(&self) -> Result<Box<dyn FileWriter>, FileError> {
        Ok(Box::new(Writing(Arc::clone(&self.0), Vec::new())))
    }
    async fn has(&self, sha256: &str) -> Result<bool, FileError> {
        Ok(self.0.files.lock().iter().any(|file| hash(file) == sha256))
    }
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        self.0.largest_chunk.fetch_max(chunk.len() as u64, Ordering::Relaxed);
        self.0.written.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        self.1.extend_from_slice(chunk);
        Ok(())
    }
    async fn finish(self: Box<Self>) -> Result<StoredFile, FileError> {
        let stored = StoredFile { sha256: hash(&self.1), bytes: self.1.len() as u64 };
        self.0.files.lock().push(self.1);
        Ok(stored)
    }
}

pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

struct NoPrograms;

impl Compiler for NoPrograms {
    fn compile(&self, _: &ProgramText) -> Result<Arc<dyn Program>, Vec<String>> {
        Err(vec!["there are none here".into()])
    }
}

pub(super) fn vbdlis(base: &str) -> Value {
    json!({
        "dialect": "vbdlis",
        "endpoints": [{ "name": "province", "base": format!("{base}/api") }],
        "phrases": { "maintenance": ["đang bảo trì"], "throttled": ["quá nhiều yêu cầu"] },
        "tables": { "officers": "land-officers" },
        "files": { "base": format!("{base}/tep"), "max_bytes": 1000 },
        "lists": {
            "security_code": "env:LIST",
            "officers": { "path": "GetDanhMucNguoiDung", "code": "TenDangNhap", "name": "HoTen" },
            "procedures": { "path": "GetDanhMucThuTuc", "code": "Ma", "name": "Ten" },
            "statuses": { "path": "GetDanhMucTrangThai", "code": "Ma", "name": "Ten" }
        },
        "inbound": { "secret": "env:INBOUND" }
    })
}

pub(super) fn ilis(base: &str) -> Value {
    json!({
        "dialect": "ilis",
        "endpoints": [{
            "name": "province",
            "base": format!("{base}/api"),
            "oauth": {
                "token_url": format!("{base}/token"), "username": "env:USER", "password": "env:PASSWORD",
                "client_id": "env:CLIENT", "client_secret": "env:CLIENT_SECRET"
            }
        }],
        "files": { "base": format!("{base}/tep"), "authorized": true },
        "inbound": { "secret": "env:INBOUND" }
    })
}

pub(super) struct Bench {
    pub(super) land: Arc<Land>,
    pub(super) clock: Arc<HandClock>,
    pub(super) files: Arc<Memory>,
}

pub(super) fn bench(config: Value) -> Bench {
    // Ignored when another test was first: the provider is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let clock = Arc::new(HandClock::default());
    let files = Arc::new(Memory::default());
    let around = Surroundings {
        secrets: &Secrets,
        clock: clock.clone(),
        files: Arc::new(Store(Arc::clone(&files))),
        programs: Arc::new(NoPrograms),
    };
    let config: LandConfig = serde_json::from_value(config).unwrap();
    let land = Land::build(SystemId::new("land").unwrap(), config, &around).unwrap();
    Bench { land: Arc::new(land), clock, files }
}

pub(super) fn bench_at(server: &Server) -> Bench {
    bench(vbdlis(&server.address))
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
        let answer = self.land.call(cx, &name(operation), &body).await?;
        Ok(serde_json::from_slice(&answer.bytes).unwrap())
    }

    /// The operation's own example, sent.
    pub(super) async fn call_example(&self, operation: &str) -> Result<Value, Fault> {
        self.call(operation, self.example(operation)).await
    }

    pub(super) fn example(&self, operation: &str) -> Value {
        let wanted = name(operation);
        self.land.operations().iter().find(|spec| spec.name == wanted).unwrap().example.clone()
    }
}

pub(super) fn name(operation: &str) -> OperationName {
    OperationName::new(&format!("land.{operation}")).unwrap()
}

/// A full configuration.
pub(crate) fn config(base: &str) -> LandConfig {
    serde_json::from_value(vbdlis(base)).unwrap()
}

/// A land office that is never called.
pub(crate) fn land() -> Arc<Land> {
    bench(vbdlis("http://127.0.0.1:1")).land
}
