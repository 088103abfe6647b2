//! Rows of the portal's catalogues into English. Words and blanks where numbers belong are kept as they are.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{
    Agency, Case, CaseStep, Channel, FieldOfWork, LegalBasis, Named, PaperAsked, PaperCase, Price, Procedure,
    ProcedureSummary, Term,
};
use crate::wire::catalogue as wire;
use crate::wire::loose::{Many, Text};

fn text(Text(text): Text) -> String {
    match super::nfc(text.trim()) {
        std::borrow::Cow::Borrowed(same) if same.len() == text.len() => text,
        other => other.into_owned(),
    }
}

fn some(value: Option<Text>) -> Option<String> {
    value.map(text).filter(|text| !text.is_empty())
}

fn all<W, M>(Many(rows): Many<W>, to: impl FnMut(W) -> M) -> Vec<M> {
    rows.into_iter().map(to).collect()
}

/// A row without a code names nothing and makes the answer unreadable.
pub(crate) fn summary(row: wire::ProcedureRow) -> Option<ProcedureSummary> {
    let wire::ProcedureRow { code, name, other } = row;
    let code = text(code);
    (!code.is_empty()).then(|| ProcedureSummary { code, name: some(name), other: scalars(other) })
}

fn scalars(fields: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let shown = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    fields.into_iter().filter_map(|(name, value)| shown(value).map(|value| (name, value))).collect()
}

pub(crate) fn agency(row: wire::AgencyRow) -> Option<Agency> {
    let wire::AgencyRow { code, name, level } = row;
    let code = text(code);
    (!code.is_empty()).then(|| Agency { code, name: text(name), level: some(level) })
}

pub(crate) fn field(row: wire::FieldRow) -> Option<FieldOfWork> {
    let wire::FieldRow { code, name, sector } = row;
    let code = text(code);
    (!code.is_empty()).then(|| FieldOfWork { code, name: text(name), sector: some(sector) })
}

pub(crate) fn procedure(row: wire::Procedure) -> Option<Procedure> {
    let wire::Procedure {
        matthc,
        tentthc,
        loaitthc,
        trangthai,
        linhvucthuchien,
        capthuchien,
        coquanthuchien,
        motacoquanthuchien,
        ketquathuchien,
        cachthucthuchien,
        thanhphanhoso,
        trinhtuthuchien,
        yeucau,
        motadoituongthuchien,
        cancuphaply,
    } = row;
    let code = text(matthc);
    (!code.is_empty()).then(|| Procedure {
        code,
        name: text(tentthc),
        kind: text(loaitthc),
        state: text(trangthai),
        fields: all(linhvucthuchien, |wire::FieldRef { malinhvuc, tenlinhvuc }| named(malinhvuc, tenlinhvuc)),
        levels: all(capthuchien, |wire::LevelRef { capthuchien }| text(capthuchien)),
        agencies: all(coquanthuchien, |wire::AgencyRef { madonvi, tendonvi }| named(madonvi, tendonvi)),
        agencies_described: text(motacoquanthuchien),
        results: all(ketquathuchien, |wire::ResultRef { maketqua, tenketqua }| named(maketqua, tenketqua)),
        channels: all(cachthucthuchien, channel),
        papers: all(thanhphanhoso, paper_case),
        steps: all(trinhtuthuchien, step_case),
        requirements: text(yeucau),
        applicants: text(motadoituongthuchien),
        legal_bases: all(cancuphaply, |wire::Basis { sovanban, tenvanban }| LegalBasis {
            number: text(sovanban),
            title: text(tenvanban),
        }),
    })
}

fn named(code: Text, name: Text) -> Named {
    Named { code: text(code), name: text(name) }
}

fn channel(row: wire::Channel) -> Channel {
    let wire::Channel { kenh, thoigian } = row;
    Channel { code: text(kenh), terms: all(thoigian, term) }
}

fn term(row: wire::Term) -> Term {
    let wire::Term { thoigiangiaiquyet, donvitinh, mota, philephi } = row;
    let price = |wire::Price { sotien, donvi, mota }| Price {
        amount: text(sotien),
        unit: text(donvi),
        description: text(mota),
    };
    Term {
        duration: text(thoigiangiaiquyet),
        unit: text(donvitinh),
        description: text(mota),
        prices: all(philephi, price),
    }
}

fn paper_case(row: wire::PaperCase) -> PaperCase {
    let wire::PaperCase { truonghop, giayto } = row;
    PaperCase { case: text(truonghop), papers: all(giayto, paper) }
}

fn paper(row: wire::PaperAsked) -> PaperAsked {
    let wire::PaperAsked { magiayto, tengiayto, sobanchinh, sobansao, tenmaudon, url } = row;
    PaperAsked {
        code: text(magiayto),
        name: text(tengiayto),
        originals: text(sobanchinh),
        copies: text(sobansao),
        form_name: text(tenmaudon),
        form_url: text(url),
    }
}

fn step_case(row: wire::StepCase) -> Case {
    let wire::StepCase { truonghop, trinhtu } = row;
    let steps = all(trinhtu, |wire::StepRef { tentrinhtu }| CaseStep { name: text(tentrinhtu) });
    Case { case: text(truonghop), steps }
}
