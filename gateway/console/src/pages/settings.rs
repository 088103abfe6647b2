//! The visitor's account and language, and the running configuration to read. It changes nothing but the language.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::form::{Form, bad};
use crate::guard::{Visit, see, set};
use crate::layout::token;
use crate::refused::Answer;
use crate::shown::shown;
use crate::text::Language;
use crate::{Console, layout};

const PATH: &str = "/console/settings";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/settings/language", post(language))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let words = visit.words();
    let settings = &words.settings;
    let roles: Vec<&str> = visit.user.roles.iter().map(|role| words.role(*role)).collect();
    let content = html! {
        h2 { (settings.you) }
        table.facts { tbody {
            tr { th scope="row" { (words.login.name) } td { (shown(&visit.user.display)) " " span.code { (visit.user.name) } } }
            tr { th scope="row" { (settings.roles) } td { (roles.join(", ")) } }
        } }
        h2 { (settings.language) }
        form.filters method="post" action={ (PATH) "/language" } {
            (token(&visit))
            label { (settings.language) select name="language" {
                @for one in Language::ALL { option value=(one.as_str()) lang=(one.as_str()) selected[one == visit.language] { (one.name()) } }
            } }
            button type="submit" { (settings.change) }
        }
        h2 { (settings.configuration) }
        (configuration(&console, &visit))
    };
    Ok(layout::page(&visit, settings.title, &content))
}

fn configuration(console: &Console, visit: &Visit) -> Markup {
    let (words, config) = (visit.words(), console.service().configuration());
    let settings = &words.settings;
    html! {
        p { (settings.version) " " span.code { (config.version) } }
        table {
            thead { tr {
                th scope="col" { (words.common.system) }
                @for head in [settings.at_once, settings.timeout, settings.retries] { th.number scope="col" { (head) } }
            } }
            tbody { @for (system, policy) in &config.systems { tr {
                th scope="row" { (system) }
                td.number { (policy.concurrency) }
                td.number { (policy.timeout.as_secs_f64()) " s" }
                td.number { (policy.retry.budget) }
            } } }
        }
    }
}

async fn language(State(console): State<Console>, form: Form) -> Answer {
    let mut response = see(PATH);
    let Form::Sent(fields) = form else { return Ok(response) };
    let language = Language::of(fields.get("language")).ok_or_else(|| bad("language"))?;
    let secure = console.0.parts.sessions.load().secure;
    set(&mut response, &language.cookie(secure));
    Ok(response)
}
