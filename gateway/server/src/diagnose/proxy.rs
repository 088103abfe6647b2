//! The proxy's part: a tunnel to the system, asked for with the configured credentials. What goes through it is not its business.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::Clock;
use lienthong_core::network::{NetworkEndpoint, NetworkPlace, NetworkProxy};
use lienthong_core::secret::ExposeSecret as _;

use super::line::{Line, exchange};
use super::step::{Label, Step, StepName, Who, text};

/// Asks the proxy to connect us to the system.
pub(super) async fn tunnel(
    clock: &dyn Clock,
    endpoint: &NetworkEndpoint,
    proxy: &NetworkProxy,
    mut line: Line,
) -> (Step, Option<Line>) {
    let target = authority(&endpoint.place);
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n", authorization(proxy));
    let began = clock.monotonic();
    let answered = exchange(&mut line, &request, endpoint.connect_timeout).await;
    let step = Step::ok(StepName::Proxy).after(clock.monotonic().saturating_sub(began));
    match answered {
        Ok(head) => {
            let step = step.with(Label::HttpStatus, head.status);
            match refusal(head.status) {
                None => (step, Some(line)),
                Some((who, said)) => (step.but(who, said), None),
            }
        }
        Err(error) => {
            let said = text("Proxy không trả lời như một proxy HTTP.", "The proxy does not answer as an HTTP proxy.");
            (step.with(Label::Error, error).but(Who::Network, said), None)
        }
    }
}

fn refusal(status: u16) -> Option<(Who, lienthong_core::fault::PublicText)> {
    match status {
        200..=299 => None,
        407 => Some((
            Who::Configuration,
            text("Proxy không chấp nhận tài khoản của cổng.", "The proxy does not accept our credentials."),
        )),
        502..=504 => Some((
            Who::Network,
            text("Proxy không kết nối được tới hệ thống đích.", "The proxy cannot connect to the target system."),
        )),
        _another => {
            Some((Who::Network, text("Proxy không cho phép kết nối này.", "The proxy does not allow this connection.")))
        }
    }
}

/// `Proxy-Authorization` with its line end, or nothing.
pub(super) fn authorization(proxy: &NetworkProxy) -> String {
    let Some(credentials) = &proxy.credentials else { return String::new() };
    format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(credentials.expose_secret()))
}

/// `host:port`, IPv6 in brackets.
pub(super) fn authority(place: &NetworkPlace) -> String {
    let address = place.to_string();
    address.split_once("://").map_or(address.clone(), |(_, authority)| authority.to_owned())
}
