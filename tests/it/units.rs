//! Whose turn it is: a link that cannot be fetched, a certificate that has ended, an address that changed; each names the unit that must act, and what waited goes on.

mod door;
mod errors;

use std::path::PathBuf;

use lienthong_simulators::portal::{Portal, PortalOptions, Strangers, Texts};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Bench, Gateway};
use door::{Authority, Door};
use errors::{Shown, delivered, shown};

/// Text that the configuration of the portal holds, and what stands there instead.
type Change = (&'static str, String);

const PHRASES: &str = "phrases:\n";
const TRANSPORT: &str = "transport: { idle_timeout: 15s";

async fn bench(options: PortalOptions) -> Bench {
    let portal = Portal::start(PortalOptions { seed: 11, ..options }).await.unwrap();
    Bench { portal, folder: TempDir::new().unwrap() }
}

fn system_file(bench: &Bench) -> PathBuf {
    bench.config().join("systems/portal.yaml")
}

/// Changes the portal's configuration; it is taken up when the gateway starts or reloads.
fn change(bench: &Bench, changes: &[Change]) {
    let mut text = std::fs::read_to_string(system_file(bench)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replace(from, to);
    }
    std::fs::write(system_file(bench), text).unwrap();
}

async fn gateway(bench: &Bench, changes: &[Change]) -> Gateway {
    bench.write_config();
    change(bench, changes);
    bench.restart().await
}

async fn reload(gateway: &Gateway) {
    let (status, answer) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
}

fn dossier(number: u64, more: &Value) -> Value {
    let code = code(number);
    let mut body = json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={number}"),
        "status": "received",
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

fn code(number: u64) -> String {
    format!("H56.14-260115-{number:04}")
}

async fn submit(gateway: &Gateway, number: u64, more: &Value) {
    let (status, answer) = gateway.submit(&format!("unit-{number}"), &dossier(number, more)).await;
    assert_eq!(status, 202, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_files_link_the_portal_cannot_reach_is_the_sending_units_to_mend() {
    let bench = bench(PortalOptions { fetches_files: true, ..PortalOptions::default() }).await;
    let phrases = (PHRASES, "phrases:\n    unreachable_file: [\"không tải được tệp\"]\n".to_owned());
    let gateway = gateway(&bench, &[phrases]).await;
    let host = door::closed();
    let link = |name: &str| json!({ "name": "Giấy phép", "url": format!("http://{}/{name}.pdf", host.address) });
    submit(&gateway, 1, &json!({ "results": [link("kq-1"), link("kq-2")] })).await;
    submit(&gateway, 2, &json!({ "results": [link("kq-3")] })).await;
    let group = shown(&gateway, |group| group["parked"] == 2).await;
    group.names(&Shown {
        kind: "rejected",
        code: "LT-FILE-UNREACHABLE",
        origin: "source",
        unit: "đơn vị gửi hồ sơ phải mở lại đường dẫn",
    });
    let problem = &group.fault()["field_problems"][0];
    assert_eq!(problem["value_class"], host.address.to_string(), "the host to be opened: {problem}");
    assert_eq!(problem["pointer"], "/results/0/url", "{problem}");
    assert_eq!(group.members().len(), 2, "both files of one host are one cause");
    assert!(bench.portal.dossier(&code(1)).is_none(), "nothing of it was kept");
    // The unit opens its host; nobody here can see that, so that a person releases the whole group once.
    let _files = host.open();
    group.release(&gateway, "Đơn vị đã mở lại đường dẫn").await;
    for number in [1, 2] {
        delivered(&gateway, &code(number)).await;
        assert_eq!(bench.portal.dossier(&code(number)).unwrap().status, 2);
    }
    assert_eq!(bench.portal.report().stored.duplicated, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_the_portal_cannot_reach_is_a_refusal_in_whatever_words_it_says_so() {
    // Words of "does not exist": without the phrase they would be taken for a missing dossier.
    let words = "Tệp kết quả không tồn tại hoặc không truy cập được:".to_owned();
    let texts = Texts { unreachable_file: words, ..Texts::default() };
    let bench = bench(PortalOptions { fetches_files: true, texts, ..PortalOptions::default() }).await;
    let phrases = (PHRASES, "phrases:\n    unreachable_file: [\"tệp kết quả không tồn tại\"]\n".to_owned());
    let gateway = gateway(&bench, &[phrases]).await;
    let host = door::closed();
    let result = json!({ "name": "Giấy phép", "url": format!("http://{}/kq.pdf", host.address) });
    submit(&gateway, 3, &json!({ "results": [result] })).await;
    let group = shown(&gateway, |group| group["parked"] == 1).await;
    assert_eq!(group.fault()["code"], "LT-FILE-UNREACHABLE", "{:?}", group.fault());
}

/// The portal behind a door that asks for certificates, and a gateway that shows `identity` there.
async fn behind(door: &Door, authority: &Authority, identity: &str, bench: &Bench) -> Gateway {
    bench.write_config();
    let secrets = bench.config().join("secrets");
    std::fs::write(secrets.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(secrets.join("identity.pem"), identity).unwrap();
    let file = |name: &str| format!("\"file:{}\"", secrets.join(name).display());
    let transport = format!("{TRANSPORT}, ca: {}, identity: {}", file("ca.pem"), file("identity.pem"));
    let text = std::fs::read_to_string(system_file(bench)).unwrap();
    let text = text.replace(&bench.portal.base_url(), &door.base_url());
    std::fs::write(system_file(bench), text).unwrap();
    change(bench, &[(TRANSPORT, transport)]);
    bench.restart().await
}

async fn renewed(gateway: &Gateway, bench: &Bench, identity: &str) {
    std::fs::write(bench.config().join("secrets/identity.pem"), identity).unwrap();
    reload(gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_client_certificate_is_ours_to_renew_and_nobody_is_asked_with_it() {
    let bench = bench(PortalOptions::default()).await;
    let authority = Authority::new();
    let door = Door::start(&authority, bench.portal.addr(), door::Day::Today).await;
    let gateway = behind(&door, &authority, &authority.client_until(2020), &bench).await;
    for number in [10, 11, 12] {
        submit(&gateway, number, &json!({})).await;
    }
    let group = shown(&gateway, |group| group["waiting"] != 0).await;
    group.names(&Shown {
        kind: "unauthenticated",
        code: "LT-CERTIFICATE-EXPIRED",
        origin: "gateway",
        unit: "quản trị cổng kết nối phải gia hạn",
    });
    assert_eq!(door.knocks(), 0, "an ended certificate is not shown");
    assert_eq!(gateway.backlog().await.4, 0, "nothing is parked");
    renewed(&gateway, &bench, &authority.client_until(2100)).await;
    for number in [10, 11, 12] {
        delivered(&gateway, &code(number)).await;
    }
    let stored = bench.portal.report().stored;
    assert_eq!((stored.dossiers, stored.duplicated, stored.repeated_snapshots), (3, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_our_expired_certificate_closes_the_gate_and_nothing_is_spent() {
    let bench = bench(PortalOptions::default()).await;
    let authority = Authority::new();
    // Our certificate is good for a while by our clock; by the server's it has ended.
    let door = Door::start(&authority, bench.portal.addr(), door::Day::Of(2101)).await;
    let gateway = behind(&door, &authority, &authority.client_until(2100), &bench).await;
    submit(&gateway, 20, &json!({})).await;
    let group = shown(&gateway, |group| group["waiting"] != 0).await;
    group.names(&Shown {
        kind: "unauthenticated",
        code: "LT-CERTIFICATE-REFUSED",
        origin: "gateway",
        unit: "quản trị cổng kết nối phải gia hạn hoặc thay chứng thư",
    });
    assert_eq!(group.fault()["system_code"], "TLS certificate_expired");
    let (_, systems) = gateway.get("/v1/systems").await;
    let portal = systems["systems"].as_array().unwrap().iter().find(|one| one["name"] == "portal").unwrap();
    assert!(portal["reason"].as_str().is_some_and(|why| why.contains("LT-CERTIFICATE-REFUSED")), "{portal}");
    assert_eq!(gateway.backlog().await.4, 0, "nothing is parked");
    renewed(&gateway, &bench, &authority.client_until(2200)).await;
    delivered(&gateway, &code(20)).await;
    assert_eq!(bench.portal.report().stored.duplicated, 0);
}

/// This machine's other address on loopback, which the portal has on its list.
const REGISTERED: &str = "127.0.0.2";

fn only_registered(bench: &Bench) {
    bench.portal.register(Some(vec![REGISTERED.parse().unwrap()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_source_address_is_forbidden_and_goes_by_itself_when_it_is_corrected() {
    let bench = bench(PortalOptions { strangers: Strangers::Page, ..PortalOptions::default() }).await;
    let from_registered = (TRANSPORT, format!("{TRANSPORT}, source_address: {REGISTERED}"));
    only_registered(&bench);
    let gateway = gateway(&bench, &[from_registered]).await;
    submit(&gateway, 30, &json!({})).await;
    delivered(&gateway, &code(30)).await;
    // The gateway moves to another machine: the session is still good, the address is not known there.
    bench.portal.register(Some(vec!["127.0.0.3".parse().unwrap()]));
    submit(&gateway, 31, &json!({})).await;
    let group = shown(&gateway, |group| group["parked"] == 1).await;
    group.names(&Shown {
        kind: "forbidden",
        code: "LT-FORBIDDEN",
        origin: "gateway",
        unit: "quản trị cổng kết nối xin quyền hoặc đăng ký địa chỉ nguồn",
    });
    change(&bench, &[(REGISTERED, "127.0.0.3".to_owned())]);
    reload(&gateway).await;
    delivered(&gateway, &code(31)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_source_address_that_is_named_parks_nothing_and_goes_when_it_is_registered() {
    let bench = bench(PortalOptions { strangers: Strangers::NamedPage, ..PortalOptions::default() }).await;
    let phrases = (PHRASES, "phrases:\n    address_refused: [\"địa chỉ IP chưa được đăng ký\"]\n".to_owned());
    let gateway = gateway(&bench, &[phrases]).await;
    only_registered(&bench);
    for number in [40, 41] {
        submit(&gateway, number, &json!({})).await;
    }
    let group = shown(&gateway, |group| group["waiting"] != 0).await;
    group.names(&Shown {
        kind: "unauthenticated",
        code: "LT-ADDRESS-REFUSED",
        origin: "gateway",
        unit: "quản trị cổng kết nối phải sửa địa chỉ nguồn hoặc đăng ký địa chỉ mới",
    });
    assert_eq!(gateway.backlog().await.4, 0, "nothing is parked");
    // The portal's operator registers the new address: nothing needs to be done here.
    bench.portal.register(None);
    for number in [40, 41] {
        delivered(&gateway, &code(number)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_source_address_that_a_firewall_cuts_off_is_the_networks_and_loses_nothing() {
    let bench = bench(PortalOptions { strangers: Strangers::Closed, ..PortalOptions::default() }).await;
    let gateway = gateway(&bench, &[]).await;
    only_registered(&bench);
    submit(&gateway, 50, &json!({})).await;
    let group = shown(&gateway, |group| group["waiting"] != 0).await;
    group.names(&Shown {
        kind: "unreachable",
        code: "LT-UNREACHABLE",
        origin: "network",
        unit: "đơn vị quản lý mạng kiểm tra đường truyền và địa chỉ",
    });
    change(&bench, &[(TRANSPORT, format!("{TRANSPORT}, source_address: {REGISTERED}"))]);
    reload(&gateway).await;
    delivered(&gateway, &code(50)).await;
    assert_eq!(bench.portal.report().stored.duplicated, 0);
}
