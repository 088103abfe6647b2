//! What patterns of routes cost: a second recipient, and files split into messages. It starts no stand.

use std::sync::Arc;

use http::StatusCode;
use tokio::time::Instant;

use super::cases::{count, load};
use super::gateway::{API_KEY, Gateway};
use super::load::{Load, Until};
use super::messages;
use super::report::Row;
use super::stand::{Stand, sampled};

/// The time of a message with two recipients over that of one, at most.
const SECOND_RECIPIENT: f64 = 1.3;
/// Processor time of one file, in milliseconds, at most: thirty files a second on one core.
const FILE_MS: f64 = 1000.0 / 30.0;
/// Notices in a file; it has some 100 KiB then.
const ROWS: u64 = 200;
const WARM_UP: u64 = 2_000;
const WARM_UP_FILES: u64 = 5;
const FILES: u64 = 60;
/// Files sent at once.
const SENDERS: usize = 2;

/// The second recipient: a client's inbox.
const SECOND: (&str, &str) = (
    "routes/second.yaml",
    "routes:\n  - name: second\n    from: any_client\n    operations: [portal.sync-dossier]\n    to: { inbox: one-stop }\n",
);

/// A file, and what it is split into.
const MESSAGES: [(&str, &str); 3] = [
    (
        "messages/file.yaml",
        "name: bench.file\nsummary: A file of notices.\nkey: /code\nschema: {type: object, required: [code, document]}\n\
         example: {code: H56.14-250115-0007, document: <ROW_LIST/>}\n",
    ),
    (
        "messages/notice.yaml",
        "name: bench.notice\nsummary: A notice.\nkey: /dossier\nschema:\n  type: object\n  additionalProperties: false\n  \
         required: [dossier, decision_number, amount]\n  properties:\n    dossier: {type: string}\n    \
         decision_number: {type: string}\n    decision_date: {type: string, format: date}\n    subject: {type: string}\n    \
         amount: {type: string, pattern: \"^[0-9]+$\"}\n    tax_code: {type: string}\n\
         example: {dossier: H56.14-250115-0007, decision_number: A, amount: \"1\"}\n",
    ),
    ("routes/files.yaml", FILE_ROUTES),
];

const FILE_ROUTES: &str = r#"
routes:
  - name: files
    from: any_client
    operations: [bench.file]
    transform: |
      .rows = xml_to_value!(.document, arrays: ["ROW"])
      del(.document)
    split:
      items: /rows/ROW_LIST/ROW
      each: |
        parts = split(string!(.item.NGAY_QUYET_DINH), "/")
        . = {
          "dossier": .item.SO_HO_SO,
          "decision_number": .item.SO_QUYET_DINH,
          "decision_date": join!([parts[2], parts[1], parts[0]], "-"),
          "subject": .item.TEN_TIEUMUC,
          "amount": .item.SO_TIEN,
          "tax_code": .item.MST_NNT,
        }
    to: { message: bench.notice }
  - name: notices
    from: gateway
    operations: [bench.notice]
    to: { inbox: one-stop }
"#;

/// Dossiers to one recipient, then to two.
pub(super) async fn recipients(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let one = delivered(stand, "recipients-1", &[]).await?;
    let two = delivered(stand, "recipients-2", &[SECOND]).await?;
    Ok(vec![
        Row::told("recipients.one", one * 1e6, "µs/message"),
        Row::told("recipients.two", two * 1e6, "µs/message"),
        Row::told("recipients.second_costs", two / one, "times").below(SECOND_RECIPIENT),
    ])
}

/// Seconds a message, from full acceptance to the last outcome.
async fn delivered(stand: &Stand, name: &str, more: &[(&str, &str)]) -> anyhow::Result<f64> {
    let gateway = Gateway::with(stand, name, more).await?;
    stand.progress.step(&format!("accepted to delivered, {} recipient(s)", more.len() + 1));
    let received = stand.received().await?;
    sampled(&gateway.child, load(&gateway, 0, Until::Count(WARM_UP))?).await?;
    gateway.delivered(stand, received + WARM_UP).await?;
    let (received, began) = (stand.received().await?, Instant::now());
    let until = Until::Time { warm_up: std::time::Duration::ZERO, measured: stand.seconds };
    let accepted = sampled(&gateway.child, load(&gateway, WARM_UP, until)?).await?.answered;
    gateway.delivered(stand, received + accepted).await?;
    Ok(began.elapsed().as_secs_f64() / count(accepted))
}

/// Files of some 100 KiB with 200 notices each: read, split, each notice made, judged, routed and stored.
pub(super) async fn split(stand: &Stand) -> anyhow::Result<Vec<Row>> {
    let gateway = Gateway::with(stand, "split", &MESSAGES).await?;
    stand.progress.step("files of 200 notices, split");
    digest(&gateway, 0, WARM_UP_FILES).await?;
    let (began, cpu) = (Instant::now(), gateway.child.cpu_seconds()?);
    digest(&gateway, WARM_UP_FILES, FILES).await?;
    let (over, cpu) = (began.elapsed().as_secs_f64(), gateway.child.cpu_seconds()? - cpu);
    Ok(vec![
        Row::told("split.throughput", count(FILES) / over, "files/s"),
        Row::told("split.cpu", cpu * 1e3 / count(FILES), "ms/file").below(FILE_MS),
        Row::told("split.notices", count(FILES * ROWS) / over, "messages/s"),
    ])
}

/// Sends files and waits until every notice is stored.
async fn digest(gateway: &Gateway, first: u64, files: u64) -> anyhow::Result<()> {
    let make = messages::files(API_KEY, ROWS)?;
    let load = Load {
        to: gateway.child.address(),
        connections: SENDERS,
        until: Until::Count(files),
        expect: StatusCode::ACCEPTED,
        make: Arc::new(move |number| make(first + number)),
        progress: Arc::default(),
    };
    sampled(&gateway.child, load).await?;
    gateway.digested().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Folder, load_folder};

    #[test]
    fn what_is_measured_is_a_configuration_without_a_problem() {
        let folder = tempfile::tempdir().unwrap();
        let fixture = crate::fixture::Fixture {
            listen: super::super::stand::ANY,
            journal: folder.path().join("journal"),
            portal: "http://127.0.0.1:1".to_owned(),
            portal_username: "province".to_owned(),
            portal_password: "simulated".to_owned(),
            security_key: "simulated-key".to_owned(),
            api_key: API_KEY.to_owned(),
            concurrency: 1,
            timeout: "1s",
        };
        fixture.write(&folder.path().join("config")).unwrap();
        let read = Folder::read(&folder.path().join("config")).unwrap();
        let files = MESSAGES.iter().chain([&SECOND]).map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let loaded = load_folder(&Folder::of(read.root.clone(), read.files.into_iter().chain(files)));
        assert!(loaded.is_ok(), "{:#?}", loaded.err());
    }
}
