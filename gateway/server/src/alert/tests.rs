//! Couriers against servers of our own on loopback: what they say, and what they make of refusals.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::Timestamp;
use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_engine::alert::{Courier, Message, of_test};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::{EmailModel, WebhookModel, email, webhook};

/// Every secret is the same.
struct OneSecret;

impl SecretSource for OneSecret {
    fn read(&self, _: &SecretRef) -> Result<SecretString, String> {
        Ok(SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}

fn now() -> Timestamp {
    "2026-03-02T10:00:00+07:00".parse().unwrap()
}

fn message() -> Message {
    of_test("msg_test_1".to_owned(), "lan\r\nBcc: evil@example", now(), Some("https://gateway.test"))
}

fn hook(address: SocketAddr, allow: Value) -> Arc<dyn Courier> {
    crate::app::install_crypto();
    let model =
        json!({ "url": format!("http://{address}/x"), "secrets": ["env:X"], "plain_http": true, "allow": allow });
    let model: WebhookModel = serde_json::from_value(model).unwrap();
    assert!(model.check().is_empty());
    webhook(&model, &OneSecret).unwrap()
}

/// Answers every request so, and keeps what came.
async fn answering(answer: &'static str) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(String::new())));
    let into = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            while !read.ends_with(b"}") {
                if stream.read_buf(&mut read).await.unwrap() == 0 {
                    break;
                }
            }
            into.lock().push_str(&String::from_utf8_lossy(&read));
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, seen)
}

#[tokio::test]
async fn a_webhook_is_posted_signed_and_a_refusal_is_told() {
    let (address, seen) = answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    hook(address, json!(["127.0.0.0/8"])).carry(&message(), now()).await.unwrap();
    let request = seen.lock().clone();
    for wanted in
        ["webhook-id: msg_test_1", "webhook-timestamp: 1772420400", "webhook-signature: v1,", "\"alert.test\""]
    {
        assert!(request.contains(wanted), "{request}");
    }
    let (address, _) = answering("HTTP/1.1 500 No\r\nconnection: close\r\n\r\n").await;
    let refused = hook(address, json!(["127.0.0.0/8"])).carry(&message(), now()).await.unwrap_err();
    assert_eq!(refused.to_string(), "answered HTTP 500");
}

#[tokio::test]
async fn a_webhook_reaches_no_address_that_is_not_allowed() {
    let (address, seen) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let refused = hook(address, json!([])).carry(&message(), now()).await.unwrap_err();
    assert!(refused.to_string().contains("no public address"), "{refused}");
    assert!(seen.lock().is_empty());
}

/// A mail server that answers recipients so; it keeps mails.
async fn mail_server(recipients: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, mails) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let into = Arc::clone(&mails);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 mail.test\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.get(..4).unwrap_or_default() {
                    "RCPT" => recipients,
                    "DATA" => {
                        write.write_all(b"354 go on\r\n").await.unwrap();
                        let mut mail = String::new();
                        while let Some(line) = lines.next_line().await.unwrap().filter(|line| line != ".") {
                            mail += &(line + "\n");
                        }
                        into.lock().push(mail);
                        "250 taken"
                    }
                    _another => "250 well",
                };
                write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    });
    (address, mails)
}

fn mailer(address: SocketAddr, changes: &Value) -> Arc<dyn Courier> {
    let mut model = json!({
        "server": address.ip().to_string(), "port": address.port(), "security": "none", "timeout": "5s",
        "from": "Cổng liên thông <gateway@h56.example>", "to": ["duty@h56.example", "Đội trực <second@h56.example>"],
    });
    model.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    crate::app::install_crypto();
    let model: EmailModel = serde_json::from_value(model).unwrap();
    assert!(model.check().is_empty());
    email(&model, &OneSecret).unwrap()
}

#[tokio::test]
async fn a_mail_is_the_same_mail_every_time_and_nobody_writes_its_head() {
    let (address, mails) = mail_server("250 well").await;
    let courier = mailer(address, &json!({ "language": "en" }));
    courier.carry(&message(), now()).await.unwrap();
    courier.carry(&message(), now()).await.unwrap();
    let mails = mails.lock().clone();
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let (head, body) = mail.split_once("\n\n").unwrap();
        for wanted in
            ["Message-ID: <msg_test_1@h56.example>", "Auto-Submitted: auto-generated", "Subject: [lienthong] Test"]
        {
            assert!(head.contains(wanted), "{head}");
        }
        assert!(!head.contains("evil"), "{head}");
        assert!(body.contains("nothing is wrong"), "{body}");
    }
}

#[tokio::test]
async fn a_mail_server_that_refuses_or_is_away_is_told_in_its_words() {
    let (address, _) = mail_server("451 later").await;
    let refused = mailer(address, &json!({})).carry(&message(), now()).await.unwrap_err();
    assert!(refused.to_string().contains("451"), "{refused}");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = mailer(nobody, &json!({})).carry(&message(), now()).await.unwrap_err();
    assert!(away.to_string().to_lowercase().contains("connection"), "{away}");
}

#[tokio::test]
async fn a_mail_server_that_offers_no_encryption_is_told_nothing() {
    let (address, mails) = mail_server("250 well").await;
    let courier = mailer(address, &json!({ "security": "starttls" }));
    let refused = tokio::time::timeout(Duration::from_secs(20), courier.carry(&message(), now())).await.unwrap();
    assert!(refused.is_err());
    assert!(mails.lock().is_empty());
}

#[test]
fn what_would_send_a_password_in_clear_is_a_problem() {
    let model = json!({
        "server": "mail.test", "port": 25, "security": "none", "from": "a@b.example", "to": ["c@d.example"],
        "login": { "username": "env:U", "password": "env:P" },
    });
    let model: EmailModel = serde_json::from_value(model).unwrap();
    assert_eq!(model.check().iter().map(|(pointer, ..)| *pointer).collect::<Vec<_>>(), ["/login"]);
}
