//! Forms as pages show them, and what a browser would send of them: hidden fields, what is filled in, what is typed over it. It presses no button.

use std::collections::BTreeMap;

use super::browser::{Browser, Page, unescaped};

/// A form of a page, filled in as it was shown.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) action: String,
    fields: Vec<(String, String)>,
}

impl Page {
    /// The form that is sent there.
    pub(super) fn form(&self, action: &str) -> Sheet {
        let opening = format!("action=\"{action}\"");
        let found = self.text.split("<form").skip(1).find(|form| form.split('>').next().unwrap().contains(&opening));
        let form = found.unwrap_or_else(|| panic!("no form goes to {action}: {}", self.text));
        let inside = form.split_once('>').unwrap().1.split("</form>").next().unwrap();
        Sheet { action: action.to_owned(), fields: filled(inside) }
    }
}

impl Sheet {
    /// With something typed, chosen or ticked, in the place of what stood there.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(found, _)| found != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl Browser {
    /// Sends a form of a page seen before, as it stands.
    pub(super) async fn submit(&mut self, sheet: &Sheet) -> Page {
        let fields: Vec<(&str, &str)> =
            sheet.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post_as(&sheet.action, &fields, "http://gw.example").await
    }
}

fn filled(inside: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (place, _) in inside.match_indices('<') {
        let (tag, rest) = inside[place + 1..].split_once('>').unwrap();
        let (name, attributes) = (tag.split(' ').next().unwrap(), attributes(tag));
        let named = |value: &str| Some((attributes.get("name")?.clone(), unescaped(value)));
        let value = attributes.get("value").map_or("", String::as_str);
        match name {
            "input" if attributes.get("type").is_some_and(|kind| kind == "checkbox") => {
                fields.extend(named(value).filter(|_| attributes.contains_key("checked")));
            }
            "input" => fields.extend(named(value)),
            "textarea" => {
                let typed = rest.split("</textarea>").next().unwrap();
                fields.extend(named(typed.strip_prefix('\n').unwrap_or(typed)));
            }
            "select" => fields.extend(named(&chosen(rest.split("</select>").next().unwrap()))),
            _another => {}
        }
    }
    fields
}

/// The option that is selected, else the first.
fn chosen(options: &str) -> String {
    let all: Vec<_> =
        options.split("<option").skip(1).map(|option| attributes(option.split('>').next().unwrap())).collect();
    let selected = all.iter().find(|option| option.contains_key("selected")).or_else(|| all.first());
    selected.and_then(|option| option.get("value").cloned()).unwrap_or_default()
}

/// Of a tag; those without a value are there all the same.
fn attributes(tag: &str) -> BTreeMap<String, String> {
    let (mut found, mut rest) = (BTreeMap::new(), tag.split_once(' ').map_or("", |(_, rest)| rest));
    while let Some(place) = rest.find(|c: char| !c.is_whitespace() && c != '/') {
        rest = &rest[place..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inside, after) = quoted.split_once('"').unwrap();
            (value, rest) = (inside.to_owned(), after);
        }
        found.insert(name, value);
    }
    found
}

#[test]
fn a_form_is_read_as_a_browser_reads_it() {
    let text = "<form class=\"act\" method=\"post\" action=\"/other\"><input name=\"not\" value=\"this\"></form>\
         <form method=\"post\" action=\"/there\"><input type=\"hidden\" name=\"token\" value=\"a&amp;b\">\
         <label>x <input name=\"key\" required value=\"k\"></label><input type=\"checkbox\" name=\"off\" value=\"yes\">\
         <input type=\"checkbox\" name=\"on\" value=\"yes\" checked><textarea name=\"reason\" rows=\"3\">\nvì &lt;sao&gt;</textarea>\
         <select name=\"fails\"><option value=\"\">?</option><option value=\"timeout\" selected>T</option></select>\
         <button type=\"submit\" name=\"do\" value=\"add\">Go</button></form>";
    let page = Page { status: http::StatusCode::OK, headers: http::HeaderMap::new(), text: text.to_owned() };
    let sheet = page.form("/there").with("key", "typed");
    let mut fields = sheet.fields;
    fields.sort_unstable();
    let expected = [("fails", "timeout"), ("key", "typed"), ("on", "yes"), ("reason", "vì <sao>"), ("token", "a&b")];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}
