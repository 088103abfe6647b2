//! Law: an answer that would be good but for its bytes is no success: wrong encodings, DTDs, nesting and attributes without end.

use lienthong_core::fault::Retry;

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subjects::all;

/// Where XML begins in earnest: behind its declaration.
fn root_of(text: &str) -> usize {
    let declaration = if text.starts_with("<?xml") { text.find("?>").unwrap() + 2 } else { 0 };
    declaration + text[declaration..].find('<').unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// Two bytes of TCVN3 inside the last text.
fn with_legacy_bytes(text: &str, end_of_text: &str) -> Vec<u8> {
    let at = text.rfind(end_of_text).unwrap();
    [&text.as_bytes()[..at], &[0xb8, 0xa8], &text.as_bytes()[at..]].concat()
}

/// The good answer in every disguise its kind can have.
fn disguised(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("in UTF-16", utf16(good)), ("behind a NUL", [b"\0", good.as_bytes()].concat())];
    if !good.trim_start().starts_with('<') {
        all.push(("with legacy bytes", with_legacy_bytes(good, "\"")));
        all.push(("nested too deep", ["[".repeat(20_000).as_bytes(), good.as_bytes()].concat()));
        return all;
    }
    let (head, root) = good.split_at(root_of(good));
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{root}").into_bytes();
    let (name, rest) = root.split_at(root.find([' ', '>']).unwrap());
    all.push(("with legacy bytes", with_legacy_bytes(good, "</")));
    all.push(("declared ISO-8859-1", declared("ISO-8859-1")));
    // Pure ASCII reads the same in both.
    if !root.is_ascii() {
        all.push(("in UTF-8 and declared windows-1258", declared("windows-1258")));
    }
    all.push(("declared UTF-16", declared("UTF-16")));
    all.push(("with a DTD", format!("{head}<!DOCTYPE a [<!ENTITY b \"c\">]>{root}").into_bytes()));
    all.push(("with an external DTD", format!("{head}<!DOCTYPE a SYSTEM \"file:///etc/passwd\">{root}").into_bytes()));
    all.push(("with an entity", format!("{head}{}", root.replacen("</", "&b;</", 1)).into_bytes()));
    all.push(("with a huge attribute", format!("{head}{name} x=\"{}\"{rest}", "1".repeat(1 << 20)).into_bytes()));
    all.push(("nested too deep", format!("{head}{}{root}", "<a>".repeat(20_000)).into_bytes()));
    all
}

#[tokio::test]
async fn what_is_good_but_for_its_bytes_is_no_success() {
    for subject in all() {
        for ask in [subject.write(), subject.read()] {
            let bench = Bench::new(subject.clone()).await;
            bench.call(&ask).await.unwrap();
            let good = bench.subject.good(&bench.server.last_call().unwrap());
            let text = String::from_utf8(good.body.clone()).unwrap();
            for (what, body) in disguised(&text) {
                bench.server.calls_get([Step::Say(Raw { body, ..good.clone() })]);
                match bench.call(&ask).await {
                    Ok(_) => panic!("{}", bench.says(&format!("{what}: taken for success by {}", ask.operation))),
                    Err(fault) => {
                        let told = bench.says(&format!("{what}: {:?}: {fault}", fault.kind));
                        assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{told}");
                        assert!(fault.detail.len() > 20, "it says why: {told}");
                        assert!(fault.detail.len() < 2000, "and no more than that: {told}");
                    }
                }
            }
        }
    }
}
