//! Which of the links we sent an answer complains of. It fetches nothing.

use lienthong_core::fault::FieldProblem;
use lienthong_core::{Fault, FaultCode};

use crate::wire::dossier::{Dossier, Paper};
use crate::wire::request::Request;
use crate::wire::work::Status;

/// The fault with a problem for each link its answer names; for the only link of the request where it names none.
pub(crate) fn blamed(fault: Fault, message: &str, request: Request<'_>) -> Fault {
    if fault.code != FaultCode::FileUnreachable {
        return fault;
    }
    let links = of(request);
    let named: Vec<&(String, &str)> = links.iter().filter(|(_, url)| message.contains(url)).collect();
    let blamed = match (named.as_slice(), links.as_slice()) {
        ([], [only]) => vec![only],
        (_, _) => named,
    };
    fault.with_problems(blamed.into_iter().map(|(pointer, url)| {
        FieldProblem::new(pointer, "the target system cannot fetch the file by this link").of_class(host(url))
    }))
}

/// Every link of a request with its pointer in our input.
fn of(request: Request<'_>) -> Vec<(String, &str)> {
    match request {
        Request::Dossier { data: Dossier { tai_lieu_nop, danh_sach_giay_to_ket_qua, .. }, updating: _ } => {
            let results = danh_sach_giay_to_ket_qua.iter().enumerate();
            let results = results.map(|(at, one)| (format!("/results/{at}/url"), &*one.duong_dan_tep_tin_ket_qua));
            papers(tai_lieu_nop).chain(results).filter(is_given).collect()
        }
        Request::Status(Status { tai_lieu_xu_ly, .. }) => papers(tai_lieu_xu_ly).filter(is_given).collect(),
        Request::Progress(_)
        | Request::Find { .. }
        | Request::Procedures
        | Request::Procedure { .. }
        | Request::Agencies
        | Request::Fields => Vec::new(),
    }
}

fn papers<'p>(papers: &'p [Paper<'_>]) -> impl Iterator<Item = (String, &'p str)> {
    papers.iter().enumerate().map(|(at, one)| (format!("/papers/{at}/url"), &*one.duong_dan_tai_tep_tin))
}

fn is_given((_, url): &(String, &str)) -> bool {
    !url.is_empty()
}

/// A link's host: one host that is not open is one cause.
fn host(url: &str) -> String {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_by_its_host_and_nothing_of_its_path() {
        for (url, expected) in [
            ("https://Files.H56.example:8443/kq/1.pdf?ma=7", "files.h56.example:8443"),
            ("http://user@a.test", "a.test"),
            ("not a link", "not a link"),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
