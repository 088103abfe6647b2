//! Alerts and fire drills end to end: a cause is told once by a signed webhook and by mail, over a kill of the gateway, and told as over
//! when it is; a drill is seen from alarm to release and sends nothing.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lienthong_formats::base64;
use lienthong_simulators::portal::FaultProfile;
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::amend;
use crate::harness::{API_KEY, Bench, DESK_ROUTES, DESK_TABLES, Gateway, PATIENCE, program};

const SECRET: &[u8; 32] = b"what only these two sides know..";
const KEY: &str = "H56.14-260115-0001";

/// What arrived: the id, and the body of a post or the whole of a mail.
type Arrived = Arc<Mutex<Vec<(String, String)>>>;

async fn listen<F>(serve: impl Fn(TcpStream, Arrived) -> F + Send + 'static) -> (SocketAddr, Arrived)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, arrived) = (listener.local_addr().unwrap(), Arrived::default());
    let into = Arc::clone(&arrived);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, Arc::clone(&into)));
        }
    });
    (address, arrived)
}

/// HMAC-SHA-256, by its definition.
fn hmac(content: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(SECRET).for_each(|(byte, secret)| *byte ^= secret);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(content).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// Takes one post, if its signature is the one that only we can make.
async fn take_post(mut stream: TcpStream, into: Arrived) {
    let mut read = Vec::new();
    let (head, body) = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length: usize = header(&head, "content-length").parse().unwrap();
            if let Some(body) = read.get(end + 4..end + 4 + length) {
                break (head, body.to_vec());
            }
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let id = header(&head, "webhook-id");
    let mut signed = format!("{id}.{}.", header(&head, "webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&body);
    assert_eq!(header(&head, "webhook-signature"), format!("v1,{}", base64::encode(&hmac(&signed))));
    into.lock().push((id, String::from_utf8(body).unwrap()));
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:"))).unwrap();
    line.split_once(':').unwrap().1.trim().to_owned()
}

/// As little of a mail server as a mail needs.
async fn take_mail(stream: TcpStream, into: Arrived) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.split(' ').next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME\r\n",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await.unwrap() {
                    if line == "." {
                        break;
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                let id = mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap_or_default().to_owned();
                into.lock().push((id, mail));
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _another => "250 well\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn configure(config: &Path, webhook: SocketAddr, mail: SocketAddr) {
    for folder in ["tables", "alerts"] {
        std::fs::create_dir_all(config.join(folder)).unwrap();
    }
    std::fs::write(config.join("routes/portal.yaml"), DESK_ROUTES).unwrap();
    std::fs::write(config.join("tables/tables.yaml"), DESK_TABLES).unwrap();
    std::fs::write(config.join("tables/desk-statuses.csv"), "desk,status\nreceived,received\n").unwrap();
    std::fs::write(config.join("secrets/alerts"), format!("whsec_{}", base64::encode(SECRET))).unwrap();
    let gateway = config.join("gateway.yaml");
    let more = "console:\n  public_url: https://gateway.h56.example\ndrills:\n  test_keys: [\"H56.14-000101-*\"]\n";
    let text = std::fs::read_to_string(&gateway).unwrap() + more;
    std::fs::write(gateway, text).unwrap();
    let alerts = format!(
        "targets:\n  - name: duty\n    webhook:\n      url: http://{webhook}/alerts\n      secrets: [\"file:secrets/alerts\"]\n      \
         allow: [127.0.0.0/8]\n      plain_http: true\n  - name: unit\n    email:\n      server: 127.0.0.1\n      port: {}\n      \
         security: none\n      from: Cổng liên thông <gateway@h56.example>\n      to: [duty@h56.example]\nrules:\n  - name: new-cause\n    \
         when: new_group\n    to: [duty, unit]\n",
        mail.port()
    );
    std::fs::write(config.join("alerts/duty.yaml"), alerts).unwrap();
}

async fn has(arrived: &Arrived, many: usize) -> Vec<(String, String)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let there = arrived.lock().clone();
        if there.len() >= many {
            return there;
        }
        assert!(Instant::now() < deadline, "{} of {many} came", there.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn dossier(key: &str, status: &str) -> Value {
    json!({ "operation": "portal.sync-dossier", "key": key, "body": {
        "code": key, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": status,
        "other_information": "lienthong-seq=1",
    }})
}

async fn looked_again(gateway: &Gateway) {
    let (_, before) = gateway.get("/v1/alerts").await;
    let deadline = Instant::now() + PATIENCE;
    while gateway.get("/v1/alerts").await.1["at"] == before["at"] {
        assert!(Instant::now() < deadline, "nobody looks");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cause_is_told_once_by_webhook_and_mail_over_a_kill_and_so_is_its_end() {
    let bench = Bench::new(FaultProfile::None).await;
    let (webhook, posts) = listen(take_post).await;
    let (mail, mails) = listen(take_mail).await;
    bench.write_config();
    configure(&bench.config(), webhook, mail);
    let gateway = bench.restart().await;
    looked_again(&gateway).await;
    let (_, exchange) = gateway.submit_and_wait("m1", &dossier(KEY, "processing")).await;
    assert_eq!(exchange["deliveries"][0]["fault"]["code"], "LT-CODE-UNMAPPED", "{exchange}");
    let (post, letter) = (has(&posts, 1).await.remove(0), has(&mails, 1).await.remove(0));
    let told: Value = serde_json::from_str(&post.1).unwrap();
    assert_eq!((&told["type"], &told["data"]["alert"]["rule"]), (&json!("alert.fired"), &json!("new-cause")), "{told}");
    assert_eq!(told["data"]["alert"]["sample"], json!({ "exchange": exchange["id"], "key": KEY }), "{told}");
    assert_eq!(told["data"]["alert"]["count"], 1);
    let link = told["data"]["alert"]["link"].as_str().unwrap();
    assert!(link.starts_with("https://gateway.h56.example/console/errors/1-"), "{link}");
    assert!(!post.1.contains("MẪU"), "nothing personal leaves: {told}");
    assert!(letter.0.contains(&post.0) || letter.0.contains("msg_"), "{letter:?}");
    assert!(letter.1.contains("Auto-Submitted: auto-generated"), "{letter:?}");

    // Killed, it knows what it told.
    let deadline = Instant::now() + PATIENCE;
    while gateway.get("/v1/alerts").await.1["alerts"][0]["waiting"] != 0 {
        assert!(Instant::now() < deadline, "what was sent is not noted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    gateway.kill();
    let gateway = bench.restart().await;
    looked_again(&gateway).await;
    looked_again(&gateway).await;
    assert_eq!((posts.lock().len(), mails.lock().len()), (1, 1));

    let (status, test) = gateway.post("/v1/alerts/targets/unit/test", &json!({})).await;
    assert_eq!((status, &test["ok"]), (200, &json!(true)), "{test}");
    assert_eq!(has(&mails, 2).await.len(), 2);

    let rows = "desk,status\nreceived,received\nprocessing,processing\n";
    std::fs::write(bench.config().join("tables/desk-statuses.csv"), rows).unwrap();
    let (status, answer) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    gateway.settle().await;
    let over: Value = serde_json::from_str(&has(&posts, 2).await[1].1).unwrap();
    assert_eq!(over["type"], "alert.resolved", "{over}");
    assert_eq!(has(&mails, 3).await.len(), 3);
    let metrics = gateway.http.get(format!("{}/metrics", gateway.base)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("lienthong_alert_firing{rule=\"new-cause\"} 0"), "{metrics}");
    assert_eq!(gateway.terminate(), 0);
}

/// What one rule told, once it told so often: kinds, and what each says.
async fn told_by(posts: &Arrived, rule: &str, many: usize) -> Vec<(String, Value)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let read = |(_, body): &(String, String)| serde_json::from_str::<Value>(body).unwrap();
        let all: Vec<Value> = posts.lock().iter().map(read).collect();
        let of_rule = all.into_iter().filter(|told| told["data"]["alert"]["rule"] == rule);
        let told: Vec<_> =
            of_rule.map(|told| (told["type"].as_str().unwrap().to_owned(), told["data"].clone())).collect();
        if told.len() >= many {
            return told;
        }
        assert!(Instant::now() < deadline, "{rule} told {told:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_client_and_an_amendment_nobody_decides_on_are_told_and_so_are_their_ends() {
    let bench = Bench::new(FaultProfile::None).await;
    let (webhook, posts) = listen(take_post).await;
    let (mail, _mails) = listen(take_mail).await;
    amend::configure(&bench);
    configure(&bench.config(), webhook, mail);
    let add = |file: &str, more: &str| {
        let path = bench.config().join(file);
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + more).unwrap();
    };
    add("clients/one-stop.yaml", "silence: { after: 10s }\n");
    add(
        "alerts/duty.yaml",
        "  - name: silent\n    when: silence\n    clients: [one-stop]\n    to: [duty]\n  \
         - name: second-person\n    when: { approval_waiting: 1s }\n    to: [duty]\n",
    );
    let gateway = bench.restart().await;
    let fired = told_by(&posts, "silent", 1).await.remove(0);
    let alert = &fired.1["alert"];
    assert_eq!((fired.0.as_str(), alert["instance"].as_str()), ("alert.fired", Some("one-stop")), "{alert}");
    assert_eq!(alert["link"], "https://gateway.h56.example/console/systems#silences", "{alert}");
    let (_, exchange) = gateway.submit_and_wait("m1", &dossier(KEY, "processing")).await;
    assert_eq!(told_by(&posts, "silent", 2).await[1].0, "alert.resolved");

    let delivery = exchange["deliveries"][0]["id"].as_str().unwrap();
    let mended = dossier(KEY, "received")["body"].clone();
    let asked = json!({ "body": mended, "reason": "misspelt" });
    let (status, proposed) = gateway.post(&format!("/v1/deliveries/{delivery}/amend"), &asked).await;
    assert_eq!((status, &proposed["outcome"]), (200, &json!("proposed")), "{proposed}");
    let fired = told_by(&posts, "second-person", 1).await.remove(0);
    let alert = &fired.1["alert"];
    assert_eq!(alert["sample"], json!({ "exchange": exchange["id"], "key": KEY }), "{alert}");
    let page = format!("https://gateway.h56.example/console/deliveries/{delivery}/amendments/1");
    assert_eq!((fired.0.as_str(), alert["link"].as_str()), ("alert.fired", Some(page.as_str())), "{alert}");
    assert!(!fired.1.to_string().contains("MẪU"), "nothing personal leaves: {alert}");
    let approve = format!("{}/v1/deliveries/{delivery}/amendments/1/approve", gateway.base);
    let approve = gateway.http.post(approve).bearer_auth(amend::SECOND).json(&json!({}));
    assert_eq!(gateway.send(approve).await.0, 200);
    assert_eq!(told_by(&posts, "second-person", 2).await[1].0, "alert.resolved");
    let metrics = gateway.http.get(format!("{}/metrics", gateway.base)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("lienthong_alert_firing{rule=\"second-person\"} 0"), "{metrics}");
    assert_eq!(gateway.terminate(), 0);
}

/// The command as an operator types it, for programs.
fn drill(gateway: &Gateway, arguments: &[&str]) -> Value {
    let mut command = Command::new(program());
    command.args(["drill", "--json", "--url", &gateway.base, "--api-key", API_KEY]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_seen_from_alarm_to_release_over_a_kill_and_sends_nothing_while_it_lasts() {
    const TEST: &str = "H56.14-000101-0001";
    let bench = Bench::new(FaultProfile::None).await;
    let (webhook, posts) = listen(take_post).await;
    let (mail, _mails) = listen(take_mail).await;
    bench.write_config();
    configure(&bench.config(), webhook, mail);
    let gateway = bench.restart().await;
    looked_again(&gateway).await;
    let begun = drill(&gateway, &["begin", "portal", "--key", TEST, "--fails", "rejected", "--reason", "training"]);
    assert_eq!((&begun["running"], &begun["system"]), (&json!(true), &json!("portal")), "{begun}");
    let (_, exchange) = gateway.submit_and_wait("t1", &dossier(TEST, "received")).await;
    assert_eq!(exchange["state"], "attention", "{exchange}");
    let told: Value = serde_json::from_str(&has(&posts, 1).await[0].1).unwrap();
    assert_eq!(told["data"]["alert"]["drill"], true, "{told}");
    assert!(told["data"]["text"]["vi"].as_str().unwrap().starts_with("[DIỄN TẬP]"), "{told}");
    let (_, real) = gateway.submit_and_wait("k1", &dossier(KEY, "received")).await;
    assert_eq!(real["state"], "delivered", "{real}");

    gateway.kill();
    let gateway = bench.restart().await;
    let (_, groups) = gateway.get("/v1/errors").await;
    let group = groups["groups"][0]["id"].as_str().unwrap().to_owned();
    let release = format!("/v1/errors/{group}/release");
    let (status, outcome) = gateway.post(&release, &json!({})).await;
    assert_eq!((status, &outcome["moved"]), (200, &json!(1)), "{outcome}");
    let path = format!("/v1/exchanges/{}", exchange["id"].as_str().unwrap());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, exchange) = gateway.get(&path).await;
        if exchange["state"] == "attention" && exchange["deliveries"][0]["attempts"] == 2 {
            break;
        }
        assert!(Instant::now() < deadline, "{exchange}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(bench.portal.dossier(TEST).is_none(), "nothing of a drill reaches the portal");

    let ended = drill(&gateway, &["end", "portal", "--reason", "seen"]);
    assert_eq!(ended["running"], false, "{ended}");
    assert_eq!(gateway.post(&release, &json!({})).await.1["moved"], 1);
    gateway.settle().await;
    assert_eq!(bench.portal.dossier(TEST).unwrap().writes.len(), 1);
    let over: Value = serde_json::from_str(&has(&posts, 2).await[1].1).unwrap();
    assert_eq!(over["type"], "alert.resolved", "{over}");
    let (_, acts) = gateway.get("/v1/acts?kind=drill").await;
    assert_eq!(acts["acts"].as_array().map(Vec::len), Some(2), "{acts}");
    assert_eq!(gateway.terminate(), 0);
}
