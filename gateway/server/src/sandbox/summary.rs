//! What a run came to, for people and for programs.

use serde_json::json;

use super::judge::Verdict;

/// Everything the summary tells.
pub(super) struct Summary {
    pub(super) submitted: u64,
    pub(super) accepted: u64,
    pub(super) verdict: Verdict,
    pub(super) seconds: f64,
    pub(super) address: String,
    pub(super) api_key: String,
}

impl Summary {
    /// The three numbers that must be 0.
    pub(super) fn is_clean(&self) -> bool {
        let Verdict { lost, duplicated, out_of_order, .. } = self.verdict;
        (lost, duplicated, out_of_order) == (0, 0, 0) && self.accepted == self.submitted
    }

    /// One JSON object on one line.
    pub(super) fn json(&self) -> String {
        let verdict = &self.verdict;
        json!({
            "submitted": self.submitted, "accepted": self.accepted, "delivered": verdict.delivered,
            "retried": verdict.retried, "parked": verdict.parked, "lost": verdict.lost,
            "duplicated": verdict.duplicated, "out_of_order": verdict.out_of_order,
            "per_second": rounded(verdict.per_second), "p50_ms": rounded(verdict.p50_ms),
            "p99_ms": rounded(verdict.p99_ms), "address": self.address,
        })
        .to_string()
    }

    pub(super) fn text(&self) -> String {
        let verdict = &self.verdict;
        let mut lines = vec![
            String::new(),
            format!("submitted      {}", self.submitted),
            format!("accepted       {}", self.accepted),
            format!("delivered      {}   ({} after more than one attempt)", verdict.delivered, verdict.retried),
            format!("parked         {}   ({} held behind them)", verdict.parked, verdict.held_behind),
        ];
        lines.extend(verdict.reasons.iter().map(|(reason, count)| format!("               {count} x {reason}")));
        lines.extend([
            format!("throughput     {:.0} exchanges/s over {:.1} s", verdict.per_second, self.seconds),
            format!(
                "latency        p50 {:.0} ms, p99 {:.0} ms (accepted to delivered)",
                verdict.p50_ms, verdict.p99_ms
            ),
            String::new(),
            "counted at the portal, from what it received; these must be 0:".to_owned(),
            format!("lost           {}", verdict.lost),
            format!("duplicated     {}", verdict.duplicated),
            format!("out of order   {}", verdict.out_of_order),
        ]);
        lines.join("\n")
    }

    /// Where to look next.
    pub(super) fn directions(&self) -> String {
        let Self { address, api_key, .. } = self;
        [
            String::new(),
            format!("gateway        {address}"),
            format!("errors         curl -s -H 'Authorization: Bearer {api_key}' {address}/v1/errors"),
            format!("one dossier    curl -s -H 'Authorization: Bearer {api_key}' '{address}/v1/exchanges?limit=1'"),
            format!("systems        curl -s -H 'Authorization: Bearer {api_key}' {address}/v1/systems"),
            format!("contract       {address}/openapi.json"),
            format!("by CLI         LIENTHONG_URL={address} LIENTHONG_API_KEY={api_key} lienthong errors"),
        ]
        .join("\n")
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(lost: u64) -> Summary {
        let verdict = Verdict { delivered: 9, lost, per_second: 12.345, ..Verdict::default() };
        let address = "http://127.0.0.1:1".to_owned();
        Summary { submitted: 10, accepted: 10, verdict, seconds: 1.0, address, api_key: "key".to_owned() }
    }

    #[test]
    fn the_json_line_has_exactly_the_promised_members() {
        let value: serde_json::Value = serde_json::from_str(&summary(0).json()).unwrap();
        let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let promised = [
            "accepted",
            "address",
            "delivered",
            "duplicated",
            "lost",
            "out_of_order",
            "p50_ms",
            "p99_ms",
            "parked",
            "per_second",
            "retried",
            "submitted",
        ];
        assert_eq!(names, promised);
        assert_eq!(value["per_second"], 12.3);
    }

    #[test]
    fn one_lost_message_is_not_clean() {
        assert!(summary(0).is_clean());
        assert!(!summary(1).is_clean());
    }
}
