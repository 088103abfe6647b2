//! What a run came to, for people and for programs.

use serde_json::{Value, json};

use super::citizen::CitizenVerdict;
use super::judge::Verdict;
use super::land::LandVerdict;
use super::province::OPERATOR;

/// Everything the summary tells.
pub(super) struct Summary {
    pub(super) submitted: u64,
    pub(super) accepted: u64,
    pub(super) verdict: Verdict,
    /// Where land dossiers were played.
    pub(super) land: Option<LandVerdict>,
    /// Where citizens' data were filled in.
    pub(super) citizens: Option<CitizenVerdict>,
    pub(super) seconds: f64,
    pub(super) address: String,
    pub(super) api_key: String,
    /// Of the console's user.
    pub(super) password: String,
}

impl Summary {
    /// The three numbers that must be 0.
    pub(super) fn is_clean(&self) -> bool {
        self.losses() == (0, 0, 0) && self.accepted == self.submitted
    }

    /// Lost, duplicated, out of order: everywhere.
    fn losses(&self) -> (u64, u64, u64) {
        let Verdict { lost, duplicated, out_of_order, .. } = self.verdict;
        let land = self.land.clone().unwrap_or_default();
        let citizens = self.citizens.clone().unwrap_or_default();
        let lost = lost + land.lost + citizens.lost + citizens.wrong;
        (lost, duplicated + land.duplicated, out_of_order + land.out_of_order)
    }

    /// One JSON object on one line.
    pub(super) fn json(&self) -> String {
        let verdict = &self.verdict;
        let (lost, duplicated, out_of_order) = self.losses();
        let mut line = json!({
            "submitted": self.submitted, "accepted": self.accepted, "delivered": verdict.delivered,
            "others_delivered": verdict.others_delivered, "retried": verdict.retried, "parked": verdict.parked,
            "lost": lost, "duplicated": duplicated, "out_of_order": out_of_order,
            "per_second": rounded(verdict.per_second), "p50_ms": rounded(verdict.p50_ms),
            "p99_ms": rounded(verdict.p99_ms), "address": self.address,
        });
        if let (Some(land), Some(members)) = (&self.land, line.as_object_mut()) {
            members.insert("land".to_owned(), of_land(land));
        }
        if let (Some(citizens), Some(members)) = (&self.citizens, line.as_object_mut()) {
            let CitizenVerdict { dossiers, filled_in, answered, lost, wrong } = citizens;
            let told = json!({
                "dossiers": dossiers, "filled_in": filled_in, "answered": answered, "lost": lost, "wrong": wrong,
            });
            members.insert("citizens".to_owned(), told);
        }
        line.to_string()
    }

    pub(super) fn text(&self) -> String {
        let verdict = &self.verdict;
        let mut lines = vec![
            String::new(),
            format!("submitted      {}", self.submitted),
            format!("accepted       {}", self.accepted),
            format!(
                "delivered      {}   (and {} asked, pushed to us or made here; {} after more than one attempt)",
                verdict.delivered, verdict.others_delivered, verdict.retried
            ),
            format!("parked         {}   ({} held behind them)", verdict.parked, verdict.held_behind),
        ];
        lines.extend(verdict.reasons.iter().map(|(reason, count)| format!("               {count} x {reason}")));
        lines.extend([
            format!("throughput     {:.0} exchanges/s over {:.1} s", verdict.per_second, self.seconds),
            format!(
                "latency        p50 {:.0} ms, p99 {:.0} ms (accepted to delivered)",
                verdict.p50_ms, verdict.p99_ms
            ),
        ]);
        lines.extend(self.land.iter().flat_map(land_lines));
        lines.extend(self.citizens.iter().map(|CitizenVerdict { dossiers, filled_in, answered, .. }| {
            format!("citizens       {dossiers}   ({filled_in} dossiers filled in instead of typed, {answered} questions answered)")
        }));
        let (lost, duplicated, out_of_order) = self.losses();
        lines.extend([
            String::new(),
            "counted at the systems, from what they received; these must be 0:".to_owned(),
            format!("lost           {lost}"),
            format!("duplicated     {duplicated}"),
            format!("out of order   {out_of_order}"),
        ]);
        lines.join("\n")
    }

    /// Where to look next.
    pub(super) fn directions(&self) -> String {
        let Self { address, api_key, password, .. } = self;
        [
            String::new(),
            format!("gateway        {address}"),
            format!("console        {address}/console, user {OPERATOR}, password {password}"),
            format!("errors         curl -s -H 'Authorization: Bearer {api_key}' {address}/v1/errors"),
            format!("one dossier    curl -s -H 'Authorization: Bearer {api_key}' '{address}/v1/exchanges?limit=1'"),
            format!("its journey    curl -s -H 'Authorization: Bearer {api_key}' {address}/v1/keys/KEY"),
            format!("systems        curl -s -H 'Authorization: Bearer {api_key}' {address}/v1/systems"),
            format!("contract       {address}/openapi.json"),
            format!("by CLI         LIENTHONG_URL={address} LIENTHONG_API_KEY={api_key} lienthong errors"),
        ]
        .join("\n")
    }
}

fn of_land(land: &LandVerdict) -> Value {
    let LandVerdict {
        dossiers,
        returned,
        flows_completed,
        waiting_for_a_person,
        notices,
        copies,
        due_dates,
        receipts,
        files,
        lost,
        duplicated,
        out_of_order,
    } = land;
    json!({
        "dossiers": dossiers, "returned": returned, "flows_completed": flows_completed,
        "waiting_for_a_person": waiting_for_a_person, "notices": notices, "copies": copies, "due_dates": due_dates, "receipts": receipts,
        "files": files, "lost": lost, "duplicated": duplicated, "out_of_order": out_of_order,
    })
}

fn land_lines(land: &LandVerdict) -> [String; 3] {
    let LandVerdict { dossiers, returned, waiting_for_a_person, notices, copies, due_dates, receipts, files, .. } =
        land;
    [
        format!(
            "land dossiers  {dossiers}   ({returned} back with their citizens, {waiting_for_a_person} wait for a person)"
        ),
        format!(
            "               {notices} tax notices ({copies} copies by another way recognised), {due_dates} due dates in the ledger, {receipts} receipts"
        ),
        format!("               {files} result files fetched, {} flows complete", land.flows_completed),
    ]
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
        Summary {
            submitted: 10,
            accepted: 10,
            verdict,
            land: None,
            citizens: None,
            seconds: 1.0,
            address,
            api_key: "key".to_owned(),
            password: String::new(),
        }
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
            "others_delivered",
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
