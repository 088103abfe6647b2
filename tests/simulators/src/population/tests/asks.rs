//! What is asked and said: rules, order, people found and not found, habits.

use super::super::{Population, PopulationOptions};
use super::client::{FIND, PATH, elements, find, ndxp_now, send, soap, start};

#[tokio::test]
async fn a_citizen_is_found_and_the_whole_name_stands_in_ten() {
    let population = start().await;
    let citizen = population.citizens()[3].clone();
    let got = find(&population, &elements(&citizen, "H56-1")).await;
    assert_eq!(got.status, 200);
    assert!(got.body.contains("<ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"><ns1:CongDan>"));
    assert!(got.body.contains(&format!("<ns1:Ho/><ns1:ChuDem/><ns1:Ten>{}</ns1:Ten>", citizen.name)), "{}", got.body);
    assert!(got.body.contains(&format!("<ns1:SoDinhDanh>{}</ns1:SoDinhDanh>", citizen.id)));
    let report = population.report();
    assert_eq!((report.tally.answers["found"], report.tally.purposes["1.000094"]), (1, 1));
    population.stop().await;
}

#[tokio::test]
async fn nobody_is_told_in_two_ways_with_status_200() {
    let population = start().await;
    let mut wanted = elements(&population.citizens()[0].clone(), "H56-1");
    wanted[5].1 = "NGUOIKHAC".to_owned();
    let first = find(&population, &wanted).await;
    wanted[0].1 = "H56-2".to_owned();
    let second = find(&population, &wanted).await;
    assert_eq!((first.status, second.status), (200, 200));
    let both = format!("{}{}", first.body, second.body);
    assert!(both.contains("<ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"/>"), "{both}");
    assert!(both.contains("<ns1:Ten/>"), "{both}");
    assert_eq!(population.report().tally.answers["not-found"], 2);
    population.stop().await;
}

#[tokio::test]
async fn a_name_with_accents_or_blanks_is_nobodys_unless_configured() {
    let strict = start().await;
    let citizen = strict.citizens()[1].clone();
    let mut wanted = elements(&citizen, "H56-1");
    wanted[5].1 = citizen.name.to_uppercase();
    find(&strict, &wanted).await;
    assert_eq!(strict.report().tally.answers["not-found"], 1);
    let lenient = PopulationOptions { strict_names: false, ..PopulationOptions::default() };
    let lenient = Population::start(lenient).await.unwrap();
    find(&lenient, &wanted).await;
    assert_eq!(lenient.report().tally.answers["found"], 1);
    strict.stop().await;
    lenient.stop().await;
}

#[tokio::test]
async fn the_order_of_elements_is_checked() {
    let population = start().await;
    let mut wanted = elements(&population.citizens()[0].clone(), "H56-1");
    wanted.swap(4, 5);
    let got = find(&population, &wanted).await;
    assert_eq!(got.status, 500);
    assert!(got.body.contains("<faultcode>soapenv:Client</faultcode>"), "{}", got.body);
    assert_eq!(population.report().tally.refusals["wrong-order: SoDinhDanh"], 1);
    population.stop().await;
}

#[tokio::test]
async fn each_broken_rule_is_named() {
    let population = start().await;
    let citizen = population.citizens()[0].clone();
    let good = || elements(&citizen, "H56-1");
    let with = |place: usize, text: &str| {
        let mut wanted = good();
        wanted[place].1 = text.to_owned();
        wanted
    };
    let without = |place: usize| {
        let mut wanted = good();
        wanted.remove(place);
        wanted
    };
    let mut flat = good();
    flat.push(("NgayThangNamSinh", "15/01/1999".to_owned()));
    for (wanted, rule) in [
        (without(0), "missing: MaYeuCau"),
        (without(1), "missing: MaDVC"),
        (without(3), "missing: MaCanBo"),
        (without(4), "missing: SoCMND"),
        (without(5), "missing: HoVaTen"),
        (with(0, &"H".repeat(41)), "too-long: MaYeuCau"),
        (with(2, "038"), "wrong-integration-code: MaTichHop"),
        (with(4, "38199000001"), "bad-number: SoDinhDanh"),
        (flat, "bad-birth-date: NgayThangNamSinh"),
    ] {
        find(&population, &wanted).await;
        assert_eq!(population.report().tally.refusals.get(rule), Some(&1), "{rule}");
    }
    population.stop().await;
}

#[tokio::test]
async fn a_request_id_used_twice_is_refused_and_counted() {
    let population = start().await;
    let wanted = elements(&population.citizens()[0].clone(), "H56-1");
    assert_eq!(find(&population, &wanted).await.status, 200);
    let again = find(&population, &wanted).await;
    assert_eq!(again.status, 500);
    let tally = population.report().tally;
    assert_eq!((tally.duplicates, tally.request_ids), (1, 1));
    population.stop().await;
}

#[tokio::test]
async fn a_birth_date_narrows_in_each_form() {
    let population = start().await;
    let citizen = population.citizens().iter().find(|one| one.birth_day.is_some()).unwrap().clone();
    let day = citizen.birth_date().unwrap();
    let dashed = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
    let forms = [
        (format!("<d:NgayThangNam>{day}</d:NgayThangNam>"), "found"),
        (format!("<d:Nam>{}</d:Nam>", &day[..4]), "found"),
        (dashed, "found"),
        ("<d:Nam>1900</d:Nam>".to_owned(), "not-found"),
    ];
    for (number, (form, told)) in forms.into_iter().enumerate() {
        let mut wanted = elements(&citizen, &format!("H56-{number}"));
        wanted.push(("NgayThangNamSinh", form));
        let before = population.report().tally.answers.get(told).copied().unwrap_or(0);
        find(&population, &wanted).await;
        assert_eq!(population.report().tally.answers[told], before + 1);
    }
    population.stop().await;
}

#[tokio::test]
async fn the_other_operations_answer_in_their_shapes() {
    let population = start().await;
    let citizen = population.citizens().iter().find(|one| one.marital_status == 2).unwrap().clone();
    let ask = async |operation: &str, id: &str| {
        let body = soap(operation, &elements(&citizen, id));
        send(population.addr(), "POST", PATH, &ndxp_now(), &body).await.unwrap().body
    };
    assert!(ask("XacThucThongTinCongDan", "1").await.contains("<ns1:TonTai>true</ns1:TonTai>"));
    let household = ask("CungCapThongTinHoGiaDinh", "2").await;
    assert_eq!(household.matches("<ns1:CongDan>").count(), 4, "{household}");
    let marital = ask("XacMinhTinhTrangHonNhan", "3").await;
    assert!(marital.contains("<ns1:TinhTrangHonNhan>2</ns1:TinhTrangHonNhan><ns1:VoChong>"), "{marital}");
    assert!(!marital.contains("<ns1:ThuongTru>"));
    assert!(ask("XoaCongDan", "4").await.contains("faultcode"));
    population.stop().await;
}

#[tokio::test]
async fn a_procedure_without_permission_is_refused() {
    let options = PopulationOptions { procedures: vec!["1.001193".to_owned()], ..PopulationOptions::default() };
    let population = Population::start(options).await.unwrap();
    let got = find(&population, &elements(&population.citizens()[0].clone(), "H56-1")).await;
    assert!(got.body.contains("Thủ tục chưa được cấp phép"), "{}", got.body);
    assert_eq!(population.report().tally.refusals["procedure-not-permitted"], 1);
    assert_eq!(FIND, "TraCuuThongTinCongDan");
    population.stop().await;
}
