//! Tests of how an address is read, and of a broker that is not there.

use lienthong_core::secret::{SecretRef, SecretString};

use super::*;

struct Held(&'static str);

impl SecretSource for Held {
    fn read(&self, _: &SecretRef) -> Result<SecretString, String> {
        Ok(SecretString::from(self.0))
    }
}

fn model(more: &str) -> BrokerModel {
    serde_json::from_str(&format!(r#"{{"url": "env:BROKER"{more}}}"#)).unwrap()
}

fn problem(url: &'static str, more: &str) -> String {
    Address::read(&model(more), &Held(url)).err().unwrap_or_default()
}

#[test]
fn only_loopback_is_reached_without_encryption_unless_that_is_said() {
    for fine in
        ["amqp://u:p@127.0.0.1:5672/v", "amqp://u:p@localhost/v", "amqp://u:p@[::1]/v", "amqps://u:p@broker.test/v"]
    {
        assert_eq!(problem(fine, ""), "", "{fine}");
    }
    assert!(problem("amqp://u:word@broker.test/v", "").contains("not encrypted"));
    assert_eq!(problem("amqp://u:p@broker.test/v", r#", "unencrypted": true"#), "");
}

#[test]
fn what_is_no_address_is_told_by_its_reference_and_shows_no_secret() {
    let told = problem("http://u:word@broker.test/", "");
    assert!(told.contains("env:BROKER") && !told.contains("word"), "{told}");
    let address = Address::read(&model(""), &Held("amqps://u:word@broker.test/v")).unwrap();
    assert_eq!(format!("{address:?}"), "***");
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_unreachable_each_time_it_is_asked() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let mut address = Address::read(&model(""), &Held("amqp://u:p@127.0.0.1/v")).unwrap();
    address.uri.authority.port = port;
    let link = Link::new(Arc::new(address), "testing");
    for _time in 0..2 {
        assert!(matches!(link.channel().await.unwrap_err(), Trouble::Unreachable(_)));
    }
}
