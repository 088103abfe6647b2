//! A patient client against the harsh profile: the run ends, everything arrives, and the simulator counts nothing wrong.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::super::{FaultProfile, Portal, PortalOptions};
use super::client::{dossier, send};

const DOSSIERS: u64 = 12;
const WRITES: u64 = 8;

async fn log_in(portal: &Portal) -> String {
    let body = json!({"username": "province", "password": "simulated"}).to_string();
    loop {
        if let Ok(got) = send(portal.addr(), "POST", "/mapi/login", "", &body).await
            && let Ok(answer) = serde_json::from_str::<serde_json::Value>(&got.body)
            && let Some(session) = answer["session"].as_str()
        {
            return session.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

/// Writes every snapshot in turn, each until an answer says that it is there.
async fn life(portal: Arc<Portal>, code: String) {
    let mut session = log_in(&portal).await;
    let mut exists = false;
    for seq in 1..=WRITES {
        let mark = format!("lienthong-seq={seq}");
        let record = dossier(json!({"MaHoSo": code, "ThongTinKhac": mark}));
        loop {
            let body = json!({
                "session": session, "madonvi": "000.00.00.H56", "service": "DongBoHoSoMC",
                "isUpdating": if exists { "True" } else { "False" }, "data": [record],
            });
            let got = send(portal.addr(), "POST", "/mapi/g", "", &body.to_string()).await;
            let text = got.map(|got| got.body).unwrap_or_default();
            let whole = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            if text.contains("đã tồn tại") {
                exists = true;
            } else if text.contains("hết hạn") {
                session = log_in(&portal).await;
            } else if whole && text.contains("thành công") && !text.contains("không") {
                exists = true;
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_patient_client_gets_everything_through_the_harsh_profile() {
    let options = PortalOptions { profile: FaultProfile::Harsh, seed: 4, ..PortalOptions::default() };
    let portal = Arc::new(Portal::start(options).await.unwrap());
    let codes: Vec<_> = (0..DOSSIERS).map(|n| format!("H56.14-250115-{n:04}")).collect();
    let lives: Vec<_> = codes.iter().map(|code| tokio::spawn(life(Arc::clone(&portal), code.clone()))).collect();
    for life in lives {
        life.await.unwrap();
    }
    let sequences = portal.last_sequences();
    for code in &codes {
        let arrived: BTreeSet<_> = sequences[code].snapshots.iter().copied().collect();
        assert_eq!(arrived, (1..=WRITES).collect(), "{code}");
        assert_eq!(sequences[code].last_snapshot, Some(WRITES));
    }
    let report = portal.report();
    assert_eq!((report.stored.out_of_order, report.stored.duplicated), (0, 0));
    assert_eq!(report.stored.dossiers, DOSSIERS);
    assert_eq!((report.tally.outages, report.tally.maintenances), (1, 1));
    assert!(report.tally.answers.len() > 6, "{:?}", report.tally.answers);
}
