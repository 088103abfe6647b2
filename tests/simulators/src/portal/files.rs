//! The files behind a dossier's links, fetched as the portal pulls them; it must keep none and try each once.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(2);
const MAX_FILE: usize = 1 << 20;
/// Lists of a dossier that hold links, and the field of each.
const LINKS: [(&str, &str); 2] =
    [("TaiLieuNop", "DuongDanTaiTepTin"), ("DanhSachGiayToKetQua", "DuongDanTepTinKetQua")];

/// The first link of the dossiers that cannot be fetched.
pub(super) async fn first_unreachable(dossiers: &[Value]) -> Option<String> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    for link in dossiers.iter().flat_map(links) {
        if !is_there(&client, link).await {
            return Some(link.to_owned());
        }
    }
    None
}

fn links(dossier: &Value) -> impl Iterator<Item = &str> {
    LINKS.into_iter().flat_map(move |(list, field)| {
        let items = dossier.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(move |item| item.get(field)?.as_str()).filter(|link| !link.is_empty())
    })
}

async fn is_there(client: &Client<HttpConnector, Empty<Bytes>>, link: &str) -> bool {
    let Ok(request) = Request::get(link).body(Empty::new()) else { return false };
    let fetched = async {
        let response = client.request(request).await.ok()?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_FILE).collect().await.ok()?;
        (status == StatusCode::OK && !body.to_bytes().is_empty()).then_some(())
    };
    matches!(tokio::time::timeout(TIMEOUT, fetched).await, Ok(Some(())))
}
