//! CSV exports: rows through a program or as they are, refusals beside their reason, encodings, and nothing twice. Synthetic people only.

use super::*;

const MAP: &str = r#"
status = lookup_back!("dossier-statuses", .TrangThai, at: "2025-01-15", column: "portal")
. = {"key": .MaHoSo, "body": {"code": .MaHoSo, "status": status, "owner": normalise_name!(.ChuHoSo)}}
"#;

const EXPORT: &str = "MaHoSo,ChuHoSo,TrangThai\n\
    H56-1,Nguyễn  Văn Mẫu,2\n\
    H56-2,Trần Thị Mẫu,99\n\
    H56-1,Nguyễn Văn Mẫu,4\n\
    H56-3,\"Lê, Văn Mẫu\",4\n";

struct Desk {
    folder: tempfile::TempDir,
    url: String,
    seen: Arc<Mutex<Seen>>,
}

impl Desk {
    async fn new() -> Self {
        crate::app::install_crypto();
        let (url, seen) = gateway().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("map.vrl"), MAP).unwrap();
        Self { folder, url, seen }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    async fn submit(&self, bytes: &[u8], more: &[&str]) -> Result<(), Failure> {
        std::fs::write(self.path("in.csv"), bytes).unwrap();
        self.submit_file("in.csv", more).await
    }

    async fn submit_file(&self, file: &str, more: &[&str]) -> Result<(), Failure> {
        let file = self.path(file);
        let fixed = ["submit", "--csv", &file, "--url", &self.url, "--operation", "portal.sync-dossier"];
        let command = Command::try_parse_from(fixed.iter().chain(more)).unwrap();
        command.submit.run(&Out::new(true)).await
    }

    async fn mapped(&self, bytes: &[u8], more: &[&str]) -> Result<(), Failure> {
        let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
        let map = self.path("map.vrl");
        let all: Vec<&str> = ["--map", &map, "--tables", tables].into_iter().chain(more.iter().copied()).collect();
        self.submit(bytes, &all).await
    }

    fn accepted(&self) -> Vec<Value> {
        self.seen.lock().accepted.clone()
    }

    fn refused(&self) -> String {
        std::fs::read_to_string(self.path("in.csv.rejected.csv")).unwrap()
    }
}

#[tokio::test]
async fn rows_become_submissions_through_a_program_and_what_cannot_stands_beside_its_reason() {
    let desk = Desk::new().await;
    let failure = desk.mapped(EXPORT.as_bytes(), &[]).await.unwrap_err();
    assert!(failure.to_string().contains("1 rows were refused"), "{failure}");
    let accepted = desk.accepted();
    assert_eq!(accepted.len(), 3);
    let of_one: Vec<_> = accepted.iter().filter(|row| row["key"] == "H56-1").collect();
    assert_eq!(of_one[0]["operation"], "portal.sync-dossier");
    assert_eq!(of_one[0]["body"], json!({"code": "H56-1", "status": "received", "owner": "Nguyễn Văn Mẫu"}));
    assert_eq!(of_one[1]["body"]["status"], "processing", "rows of one key keep their order");
    let refused = desk.refused();
    let mut rows = csv::Reader::from_reader(refused.as_bytes());
    assert_eq!(rows.headers().unwrap(), vec!["MaHoSo", "ChuHoSo", "TrangThai", "refused_because"]);
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!(&row[0], "H56-2");
    for said in ["line 3", "LT-CODE-UNMAPPED", "/TrangThai (99)", "table dossier-statuses"] {
        assert!(row[3].contains(said), "{said}: {}", &row[3]);
    }
}

#[tokio::test]
async fn an_export_submitted_again_sends_nothing_twice_and_the_corrected_refusals_go_through() {
    let desk = Desk::new().await;
    desk.mapped(EXPORT.as_bytes(), &[]).await.unwrap_err();
    desk.mapped(EXPORT.as_bytes(), &[]).await.unwrap_err();
    assert_eq!(desk.accepted().len(), 3);
    let corrected = desk.refused().replace(",99,", ",10,");
    desk.mapped(corrected.as_bytes(), &[]).await.unwrap();
    let accepted = desk.accepted();
    assert_eq!((accepted.len(), &accepted[3]["body"]["status"]), (4, &json!("returned")));
}

#[tokio::test]
async fn without_a_program_a_row_is_the_body_and_a_column_its_key() {
    let desk = Desk::new().await;
    desk.submit("Mã;Tên\nH56-1;Mẫu\n".as_bytes(), &["--key", "Mã", "--delimiter", ";"]).await.unwrap();
    assert_eq!(desk.accepted()[0]["body"], json!({"Mã": "H56-1", "Tên": "Mẫu"}));
    assert_eq!(desk.accepted()[0]["key"], "H56-1");
    let failure = desk.submit(b"a,b\n1,2\n", &["--key", "c"]).await.unwrap_err();
    assert!(matches!(failure, Failure::Usage(_)), "{failure}");
}

#[tokio::test]
async fn what_the_gateway_refuses_is_kept_as_the_row_it_was() {
    let desk = Desk::new().await;
    let file = desk.path("in.csv");
    std::fs::write(&file, "k,n\na,\"1\"\"x\"\n").unwrap();
    let fixed = ["submit", "--csv", &file, "--url", &desk.url, "--operation", "portal.fly", "--key", "k"];
    Command::try_parse_from(fixed).unwrap().submit.run(&Out::new(true)).await.unwrap_err();
    let refused = desk.refused();
    assert!(
        refused.starts_with("k,n,refused_because\na,\"1\"\"x\",") && refused.contains("LT-UNKNOWN-OPERATION"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_file_in_an_undeclared_encoding_is_named_and_nothing_of_it_is_sent() {
    let desk = Desk::new().await;
    let tcvn3 = b"MaHoSo,ChuHoSo,TrangThai\nH56-1,Nguy\xd4n V\xa8n \xa7\xb9t,2\n";
    let failure = desk.mapped(tcvn3, &[]).await.unwrap_err().to_string();
    assert!(failure.contains("TCVN3") && failure.contains("nothing was sent"), "{failure}");
    let sixteen: Vec<u8> = format!("\u{feff}{EXPORT}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(desk.mapped(&sixteen, &[]).await.unwrap_err().to_string().contains("UTF-16"));
    assert!(desk.accepted().is_empty());
    let declared = b"MaHoSo,ChuHoSo,TrangThai\nH56-1,Nguy\xea\xden V\xe3n \xd0a\xf2t,2\n";
    desk.mapped(declared, &["--encoding", "windows-1258"]).await.unwrap();
    assert_eq!(desk.accepted()[0]["body"]["owner"], "Nguyễn Văn Đạt");
}

#[tokio::test]
async fn a_row_that_is_broken_does_not_stop_the_others() {
    let desk = Desk::new().await;
    let text = "MaHoSo,ChuHoSo,TrangThai\nH56-1,Mẫu\nH56-2,Nguy\u{d4}n V\u{a8}n \u{a7}\u{b9}t,2\nH56-3,Mẫu,4\n";
    desk.mapped(text.as_bytes(), &[]).await.unwrap_err();
    assert_eq!(desk.accepted().len(), 1);
    let refused = desk.refused();
    assert!(refused.contains("line 2: the row has 2 columns, the header 3"), "{refused}");
    assert!(refused.contains("line 3: column `ChuHoSo` looks like TCVN3"), "{refused}");
}

#[tokio::test]
async fn a_header_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    let desk = Desk::new().await;
    for (text, said) in
        [("a;b\n1;2\n", "--delimiter"), ("a,a\n1,2\n", "twice"), ("a,,c\n1,2,3\n", "no name"), ("", "missing")]
    {
        let failure = desk.submit(text.as_bytes(), &["--key", "a"]).await.unwrap_err().to_string();
        assert!(failure.contains(said), "{text}: {failure}");
    }
    std::fs::write(desk.path("map.vrl"), ". = {\"key\": lookup!(\"nothing\", .a, at: .b)}").unwrap();
    let failure = desk.mapped(b"a,b\n1,2\n", &[]).await.unwrap_err().to_string();
    assert!(failure.contains("map.vrl:1:") && failure.contains("there is no table nothing"), "{failure}");
    assert!(desk.accepted().is_empty());
}

#[tokio::test]
async fn a_file_and_an_export_are_not_given_together() {
    for wrong in
        [&["submit"][..], &["submit", "a.jsonl", "--csv", "b.csv", "--operation", "x.y"], &["submit", "--csv", "b.csv"]]
    {
        assert!(Command::try_parse_from(wrong).is_err(), "{wrong:?}");
    }
    crate::app::install_crypto();
    let arguments = ["submit", "a.jsonl", "--operation", "x.y", "--url", "http://127.0.0.1:9"];
    let mixed = Command::try_parse_from(arguments).unwrap().submit.run(&Out::new(true)).await;
    assert!(matches!(mixed, Err(Failure::Usage(_))), "{mixed:?}");
}
