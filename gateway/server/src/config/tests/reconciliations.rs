//! Daily runs of reconciliations: how long they wait, and that each day has a file of its own.

use super::{example, files, problems, told};

const FILE: &str = "reconciliations/portal-dossiers.yaml";

fn with_daily(daily: &str) -> Vec<String> {
    let text = format!("{}\ndaily: {daily}\n", files(&example()).remove(FILE).unwrap());
    told(&problems(&[(FILE, &text)]))
}

#[test]
fn a_daily_run_waits_a_minute_at_least_and_a_day_at_most() {
    let waiting = |wait: &str| with_daily(&format!("{{ at: \"05:30\", file: \"list-{{day}}.csv\", wait: {wait} }}"));
    for wait in ["1m", "3h", "24h"] {
        assert_eq!(waiting(wait), Vec::<String>::new(), "{wait}");
    }
    for (wait, problem) in
        [("1ms", "shorter than a minute"), ("59s", "shorter than a minute"), ("1441m", "longer than a day")]
    {
        let found = waiting(wait);
        assert!(found.len() == 1 && found[0].contains(problem), "{wait}: {found:#?}");
    }
}

#[test]
fn a_daily_run_has_a_file_of_its_own_for_every_day() {
    for daily in ["{ at: \"05:30\", file: list.csv }", "{ at: \"05:30\", file: \"list-{date}.csv\" }"] {
        let found = with_daily(daily);
        assert!(found.len() == 1 && found[0].contains("one file would be compared every day"), "{found:#?}");
    }
    let found = with_daily("{ at: \"05:30\", file: \"list-{day}.csv\", there: portal.csv }");
    assert!(found.iter().any(|told| told.contains("one file would be compared every day")), "{found:#?}");
}
