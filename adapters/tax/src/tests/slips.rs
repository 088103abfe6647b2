//! Slips: verified before they leave, carried byte for byte in either wrapping and inside a message of ours, judged by configured states alone.

use lienthong_core::{Adapter as _, AttemptContext, Body, FaultKind, Lookup};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{Server, Step};
use super::support::{
    Bench, DOSSIER, SLIP, Secrets, bench, bench_at, element, in_msg, name, settings, submission, taken,
};
use crate::signature::tests::workshop::{Workshop, template};

async fn answered(answer: String, change: impl FnOnce(&mut Value)) -> (Server, Bench) {
    let server = Server::start([Step::Say(200, answer)]).await;
    let mut config = settings(&server.address);
    change(&mut config);
    let bench = bench(config);
    (server, bench)
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_signed_slip_arrives_byte_for_byte_in_either_wrapping() {
    for wrapping in ["cdata", "escaped"] {
        let (server, bench) = answered(taken("01", "Tiếp nhận thành công"), |config| {
            config["soap"] = json!({ "wrapping": wrapping });
        })
        .await;
        let told = bench.submit(SLIP).await.unwrap();
        assert_eq!(in_msg(&server), SLIP);
        assert_eq!(server.received().len(), 1);
        assert_eq!((&told["slip_sha256"], &told["state_code"]), (&json!(hash(SLIP)), &json!("01")));
        assert_eq!(told["message"], "Tiếp nhận thành công");
    }
}

/// A slip with what CDATA cannot carry: its own end, and carriage returns.
fn awkward(workshop: &Workshop, officer: &crate::signature::tests::workshop::Person) -> String {
    let reference = crate::signature::tests::workshop::reference(
        "",
        "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
    );
    let plain = format!(
        "<Phieu>\r\n<SoBienNhan>{DOSSIER}</SoBienNhan>\t<A>]]&gt; &amp; é \u{1F3E0}</A>{}</Phieu>\r\n",
        template(&reference)
    );
    // Line breaks as an editor of another system leaves them, after signing: signatures do not see them.
    workshop
        .signed(&plain, officer)
        .replace("\r\n", "\n")
        .replace('\n', "\r\n")
        .replace("]]&gt;", "<![CDATA[]]]]><![CDATA[>]]>")
}

#[tokio::test]
async fn what_cdata_cannot_carry_goes_escaped_and_arrives_all_the_same() {
    let workshop = Workshop::new();
    let officer = workshop.person("officer");
    let slip = awkward(&workshop, &officer);
    assert!(slip.contains("]]>") && slip.contains('\r'));
    for row in [None, Some(json!({ "type": "00100", "name": "Phiếu chuyển", "element": "PHIEU" }))] {
        let server = Server::start([Step::Say(200, taken("01", ""))]).await;
        let mut config = settings(&server.address);
        if let Some(row) = &row {
            config["slip"]["row"] = row.clone();
        }
        let bench = bench_at(config, Secrets(Vec::new()), officer.now());
        bench.submit(&slip).await.unwrap();
        let message = in_msg(&server);
        let arrived = match row {
            None => message,
            Some(_) => {
                let data = element(&message);
                assert_eq!(data.at(&["HEADER", "TRAN_CODE"]).unwrap().text, "00100");
                assert_eq!(data.at(&["BODY", "ROW", "TYPE"]).unwrap().text, "00100");
                data.at(&["BODY", "ROW", "PHIEU"]).unwrap().text.clone()
            }
        };
        assert_eq!(arrived, slip);
    }
}

#[tokio::test]
async fn a_slip_that_is_not_as_it_was_signed_never_leaves() {
    let server = Server::start([]).await;
    let bench = bench(settings(&server.address));
    let changed = SLIP.replace("120.50", "120.51");
    let unsigned = format!("<PhieuChuyen><SoBienNhan>{DOSSIER}</SoBienNhan></PhieuChuyen>");
    for (what, slip) in
        [("changed", changed.as_str()), ("unsigned", &unsigned), ("no XML", "phiếu"), ("cut", &SLIP[..900])]
    {
        let fault = bench.submit(slip).await.unwrap_err();
        assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Invalid, "/slip"), "{what}");
        let told = bench.tax.check(&name("submit-land-obligation"), &submission(slip)).unwrap_err();
        assert_eq!(told.problems, fault.problems, "the door says the same of {what}");
    }
    for (slip, problem) in [("không", "base64"), ("//79", "UTF-8")] {
        let input = json!({ "dossier_code": DOSSIER, "slip": slip });
        let fault = bench.call("submit-land-obligation", input).await.unwrap_err();
        assert!(fault.problems[0].problem.contains(problem), "{fault:?}");
    }
    let input =
        json!({ "dossier_code": "H56.14-250115-0008", "slip": lienthong_formats::base64::encode(SLIP.as_bytes()) });
    let fault = bench.call("submit-land-obligation", input).await.unwrap_err();
    assert_eq!(fault.problems[0].problem, "names another dossier than it is sent for");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_slip_over_its_limit_is_refused_at_the_door() {
    let (server, bench) = answered(taken("01", ""), |config| config["slip"]["max_bytes"] = json!(2000)).await;
    let fault = bench.submit(SLIP).await.unwrap_err();
    assert_eq!(fault.problems[0].problem, "is larger than 2000 bytes");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn only_a_configured_state_is_success() {
    for (answer, kind) in [
        (taken("09", "Sai mẫu"), FaultKind::Rejected),
        (taken("05", "Tiếp nhận không thành công"), FaultKind::Rejected),
        (taken("01", "Tiếp nhận không thành công"), FaultKind::Unintelligible),
        (taken("05", "Tiếp nhận thành công"), FaultKind::Unintelligible),
        (taken("", "Tiếp nhận thành công"), FaultKind::Unintelligible),
        (taken("01", "").replace("00101", "00102"), FaultKind::Unintelligible),
        (taken("01", "").replace("-0007", "-0008"), FaultKind::Unintelligible),
    ] {
        let (_server, bench) = answered(answer.clone(), |_| {}).await;
        assert_eq!(bench.submit(SLIP).await.unwrap_err().kind, kind, "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_slip_shows_nothing_of_it() {
    let (_server, bench) = answered(taken("09", "Ông NGUYỄN VĂN MẪU số 038199000001 sai"), |_| {}).await;
    let fault = bench.submit(SLIP).await.unwrap_err();
    assert_eq!(fault.system_text.as_deref(), Some("Ông *** số *** sai"));
}

#[tokio::test]
async fn a_lost_answer_is_of_unknown_outcome_and_nothing_can_be_looked_up() {
    let server = Server::start([Step::Reset]).await;
    let bench = bench(settings(&server.address));
    let cx = bench.context();
    let fault = bench.call_in(&cx, "submit-land-obligation", &submission(SLIP)).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Interrupted, true));
    let spec = bench.tax.operations().iter().find(|spec| spec.name == name("submit-land-obligation")).unwrap();
    assert_eq!((spec.effect, spec.lookup.is_none()), (lienthong_core::Effect::Once, true));
    let attempt = AttemptContext {
        attempt: 1,
        reference: cx.reference.clone(),
        sent: Body::json(submission(SLIP).to_string()),
        age: std::time::Duration::from_secs(86_400),
    };
    let found = bench.tax.lookup(&cx, &name("submit-land-obligation"), &attempt).await.unwrap();
    assert!(matches!(found, Lookup::Unknown));
    assert_eq!(server.received().len(), 1);
}
