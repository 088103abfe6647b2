//! Tax notices as they come: two ways, in files with everything that goes wrong in them, on the routes and flows of the example.

mod killed;
mod province;

use lienthong_simulators::land::{Notice, Push};
use lienthong_simulators::tax::NoticeBatch;

pub(crate) use province::{Province, SECRET, example};

const KNOWN: usize = 190;

fn code(number: usize) -> String {
    format!("H56.14-260115-{number:04}")
}

/// "A tax file of 200 notices: one before its dossier exists, one a duplicate that also came by the other channel, two instalments
/// of one decision, one for a withdrawn dossier", and rows that cannot be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_tax_file_of_200_notices_with_everything_that_goes_wrong_in_one() {
    let province = Province::start().await;
    let dossiers: Vec<String> = (1..=KNOWN).map(code).collect();
    let (early, there) = dossiers.split_last().unwrap();
    for dossier in there {
        province.dossier(dossier, "received").await;
    }
    province.dossier(&code(3), "withdrawn").await;
    // The land office told of the second dossier's notice before.
    let batch = NoticeBatch {
        dossiers: dossiers.clone(),
        notices: 200,
        duplicates: 1,
        unknown: 1,
        bad: 4,
        instalments: 1,
        ..NoticeBatch::default()
    };
    let file = batch.file();
    let number = "LTB2512345-TK0000002/TB-CCT";
    let told = |officer: &str| {
        let notice = Notice {
            owner: "Nguyễn Văn Mẫu".to_owned(),
            tax: "Lệ phí trước bạ".to_owned(),
            number: number.to_owned(),
            link: "/files/tb.pdf".to_owned(),
        };
        let at = "2026-01-15T03:00:00Z".parse().unwrap();
        Push::TaxResult { officer: officer.to_owned(), at, note: String::new(), notices: vec![notice] }
    };
    let by_land = province.land.push(&code(2), told("canbo01")).await.unwrap();
    assert_eq!(by_land.result(), Some(1), "{by_land:?}");
    assert_eq!(province.notices(1).await[&code(2)][0]["channel"], "land");

    province.push(&file).await;
    // 194 entries are right, one of them with two instalments; one is about a dossier that is not there yet.
    let found = province.notices(194).await;
    let instalments: Vec<i64> = found[&code(1)]
        .iter()
        .filter(|one| one["decision_number"] == "LTB2512345-TK0000001/TB-CCT")
        .map(|one| one["instalment"].as_i64().unwrap())
        .collect();
    assert_eq!(instalments, [1, 2], "two instalments of one decision are two notices, and their duplicate is none");
    // The duplicate of both was recognised.
    province.copies(&code(1), 2).await;
    assert_eq!(found[&code(2)][0]["amount"].as_str().map(str::is_empty), Some(false), "now with its amount");
    assert!(found.contains_key(&code(3)), "whether a withdrawn dossier still owes is for the desk to judge");
    // The land office repeats itself: a copy of what is known by now.
    province.land.push(&code(2), told("canbo02")).await.unwrap();
    province.copies(&code(2), 1).await;
    // The four bad ones: each a sync error of its own that names the field, and nobody's obstacle.
    let errors = province.errors().await;
    let expected = ["/amount", "/code", "/decision_date", "/notices/0/decision_number"];
    assert_eq!(errors, expected.map(|pointer| (pointer.to_owned(), 1)), "{errors:?}");
    // The one before its dossier waits; the dossier comes, and it goes.
    province.dossier(early, "received").await;
    assert_eq!(province.notices(1).await[early].len(), 1);
}
