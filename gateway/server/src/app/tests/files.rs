//! A file on its way: the land office's link, the adapter, the folder beside the journal, the client that was told of it.

use lienthong_core::file::FileStore as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const PAPER: &[u8] = b"%PDF-1.7 a paper";

/// A land office that has one file and sends it to whoever asks.
async fn land_office() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") && caller.read_buf(&mut asked).await.unwrap() > 0 {}
            let length = PAPER.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            caller.write_all(&[head.as_bytes(), PAPER].concat()).await.unwrap();
        }
    });
    addr
}

fn write_land(folder: &Path, office: SocketAddr) {
    let system = format!(
        "id: land\nadapter: land\nsettings:\n  dialect: vbdlis\n  endpoints: [{{ name: test, base: 'http://{office}/api' }}]\n  \
         files: {{ base: 'http://{office}' }}\n"
    );
    std::fs::write(folder.join("systems/land.yaml"), system).unwrap();
    let route = "routes:\n  - name: files\n    from: any_client\n    operations: [land.fetch-file]\n    \
                 to: { operation: land.fetch-file }\n";
    std::fs::write(folder.join("routes/files.yaml"), route).unwrap();
}

#[tokio::test]
async fn a_file_that_is_linked_to_is_kept_beside_the_journal_and_had_by_whoever_asked_for_it() {
    let ground = Ground::new().await;
    write_land(ground.path(), land_office().await);
    let half = ground.path().join("journal/files/new/half");
    std::fs::create_dir_all(half.parent().unwrap()).unwrap();
    std::fs::write(&half, b"%PDF").unwrap();
    let app = ground.start().await;
    assert!(!half.exists(), "what a dead process left half-written is swept at the start");
    let fetch = Submission {
        operation: "land.fetch-file".parse().unwrap(),
        body: json!({ "link": "/papers/1.pdf", "code": "H56.14-260105-0001", "name": "giấy.pdf" }).to_string().into(),
        ..dossier(1, "")
    };
    let receipt = submit(&app, fetch).await;
    assert_eq!(settled(&app, &receipt).await, ExchangeState::Delivered);
    let detail = app.state().service.exchange(receipt.id).await.unwrap();
    let answer = detail.attempts[0].1[0].answer.unwrap();
    let answer = app.state().journal.body(answer).await.unwrap().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let name = told["sha256"].as_str().unwrap();
    assert!(app.state().files.has(name).await.unwrap());
    let kept = ground.path().join("journal/files").join(&name[..2]).join(&name[2..]);
    assert_eq!(std::fs::read(kept).unwrap(), PAPER);
    let url = format!("http://{}/v1/files/{name}?exchange={}", app.addr(), receipt.id);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(url).bearer_auth("a key long enough to be one").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(PAPER.len() as u64)));
    assert!(app.stop().await);
}
