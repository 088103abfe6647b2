//! A diagnosis as one page to print and to attach to a letter, in Vietnamese and English. Everything that comes from outside is escaped.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use lienthong_core::Timestamp;

use super::show::milliseconds;
use super::step::{Outcome, Seen, Step, Who};
use super::words;
use super::{EndpointReport, Report};

const STYLE: &str = "\
@page{size:A4;margin:18mm}body{font:11pt/1.4 'Times New Roman',Times,serif;color:#000;background:#fff;max-width:180mm;margin:10mm auto}\
h1{font-size:16pt;margin:0}h2{font-size:12pt;margin:14pt 0 4pt;page-break-after:avoid}p{margin:2pt 0}.en{font-style:italic}\
table{border-collapse:collapse;width:100%}th,td{border:.5pt solid #000;padding:3pt 5pt;text-align:left;vertical-align:top}\
th{background:#eee}tr{page-break-inside:avoid}.failed{font-weight:bold}td.seen{overflow-wrap:anywhere}@media print{body{margin:0}}";

/// The page whole: no script, nothing loaded from anywhere.
pub(crate) fn page(report: &Report) -> String {
    let mut html = String::with_capacity(16 * 1024);
    let title = format!("{} → {}", report.organisation, report.system);
    push(
        &mut html,
        format_args!(
            "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            escaped(&title)
        ),
    );
    head(&mut html, report);
    for endpoint in &report.endpoints {
        of_endpoint(&mut html, endpoint);
    }
    push(
        &mut html,
        format_args!("<h2>Phiên làm việc và đọc thử <span class=\"en\">/ Session and one read</span></h2>\n"),
    );
    steps(&mut html, &report.session);
    push(
        &mut html,
        format_args!(
            "<p>Trang này do Lienthong {} lập tự động, không chứa mật khẩu hay dữ liệu cá nhân.</p>\n\
             <p class=\"en\">Made by Lienthong {}; it holds no password and no personal data.</p>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_PKG_VERSION"),
        ),
    );
    html
}

fn head(html: &mut String, report: &Report) {
    let verdict = match report.is_ok() {
        true => ("Mọi bước đã thử đều đạt.", "Every step that was tried is well."),
        false => ("Có bước không đạt.", "Some steps failed."),
    };
    push(
        html,
        format_args!(
            "<h1>Kết quả kiểm tra kết nối</h1>\n<p class=\"en\">Result of a connection check</p>\n\
             <p>Đơn vị <span class=\"en\">/ Organisation</span>: <b>{}</b></p>\n\
             <p>Hệ thống <span class=\"en\">/ System</span>: <b>{}</b></p>\n\
             <p>Thời điểm <span class=\"en\">/ Time</span>: {}</p>\n\
             <p><b>{}</b> <span class=\"en\">{}</span></p>\n",
            escaped(&report.organisation),
            escaped(report.system.as_str()),
            escaped(&moment(report.began)),
            verdict.0,
            verdict.1,
        ),
    );
    let failed: Vec<&Step> = report.steps().filter(|step| step.outcome == Outcome::Failed).collect();
    if failed.is_empty() {
        return;
    }
    html.push_str("<h2>Việc cần làm <span class=\"en\">/ What to do</span></h2>\n<ul>\n");
    for step in failed {
        let (name, who) = (step.name.called(), step.who.map(Who::called));
        push(html, format_args!("<li><b>{}</b> <span class=\"en\">/ {}</span>", name.vi, name.en));
        if let Some(said) = &step.said {
            push(html, format_args!(": {} <span class=\"en\">{}</span>", escaped(&said.vi), escaped(&said.en)));
        }
        if let Some(who) = who {
            push(html, format_args!("<br>→ {} <span class=\"en\">/ {}</span>", who.vi, who.en));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
}

/// In Vietnam's time, where letters are written, and in UTC.
fn moment(at: Timestamp) -> String {
    let second = at.round(jiff::Unit::Second).unwrap_or(at);
    let local = TimeZone::fixed(jiff::tz::offset(7));
    format!("{} (UTC+7) · {second}", second.to_zoned(local).strftime("%d/%m/%Y %H:%M:%S"))
}

fn of_endpoint(html: &mut String, endpoint: &EndpointReport) {
    let EndpointReport { purpose, name, place, proxy, steps: tried } = endpoint;
    let purpose = words::purpose(*purpose);
    push(
        html,
        format_args!(
            "<h2>{} <span class=\"en\">({} / {}; {})</span></h2>\n",
            escaped(place),
            purpose.vi,
            purpose.en,
            escaped(name)
        ),
    );
    if let Some(proxy) = proxy {
        push(
            html,
            format_args!("<p>Qua proxy <span class=\"en\">/ Through the proxy</span>: {}</p>\n", escaped(proxy)),
        );
    }
    steps(html, tried);
}

fn steps(html: &mut String, steps: &[Step]) {
    html.push_str(
        "<table>\n<thead><tr><th>Bước <span class=\"en\">/ Step</span></th><th>Kết quả <span class=\"en\">/ Outcome\
         </span></th><th>Ghi nhận <span class=\"en\">/ Seen</span></th></tr></thead>\n<tbody>\n",
    );
    for step in steps {
        row(html, step);
    }
    html.push_str("</tbody>\n</table>\n");
}

fn row(html: &mut String, step: &Step) {
    let Step { name, outcome, took, seen, said, who } = step;
    let (name, ended) = (name.called(), outcome.called());
    let took = took.map(|took| format!("<br>{}", milliseconds(took))).unwrap_or_default();
    push(
        html,
        format_args!(
            "<tr><td>{}<br><span class=\"en\">{}</span></td><td class=\"{}\">{}<br><span class=\"en\">{}</span>{took}</td>\
             <td class=\"seen\">",
            name.vi, name.en, ended.key, ended.vi, ended.en
        ),
    );
    if let Some(said) = said {
        push(html, format_args!("<p>{}</p><p class=\"en\">{}</p>", escaped(&said.vi), escaped(&said.en)));
    }
    for Seen { label, value } in seen {
        let label = label.called();
        push(html, format_args!("<p>{} <span class=\"en\">/ {}</span>: {}</p>", label.vi, label.en, escaped(value)));
    }
    if let Some(who) = who {
        let who = who.called();
        push(html, format_args!("<p>→ {} <span class=\"en\">/ {}</span></p>", who.vi, who.en));
    }
    html.push_str("</td></tr>\n");
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    html.write_fmt(text).ok();
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
        safe
    })
}
