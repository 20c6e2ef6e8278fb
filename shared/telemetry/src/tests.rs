#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};

use super::*;

const ALL: [Counter; 39] = [
    Counter::FactsAccepted { kind: "receipt" },
    Counter::KeptAside { reason: "too-old" },
    Counter::TrafficIgnored { kind: "chat" },
    Counter::ClicksUncounted,
    Counter::ClicksBeyondLimit,
    Counter::ClickedRemindersBeyondLimit,
    Counter::SignatureRefused { source: "whatsapp" },
    Counter::CartsBegun,
    Counter::CartsRefused,
    Counter::CartsMadeUp,
    Counter::BeatsLost,
    Counter::SenderRuns,
    Counter::SenderAccountsFailed,
    Counter::CartsOverdue,
    Counter::OrdersCaughtUp,
    Counter::CartsSetAside,
    Counter::CartsDecided { outcome: "skipped" },
    Counter::SendsUnknown,
    Counter::SendsHeldBack,
    Counter::AccountsBlocked,
    Counter::TemplatesBroken,
    Counter::VtexKeysRefused,
    Counter::VtexUnavailable,
    Counter::SecretsUnreadable,
    Counter::ItemsUnreadable,
    Counter::RecordsDerived,
    Counter::RecordsKeptAside,
    Counter::RollupCommitted,
    Counter::RollupConflict,
    Counter::CurrencyMismatch,
    Counter::TicksDone,
    Counter::ReportsRequested,
    Counter::ReportsMailed,
    Counter::ReportsMailedShort,
    Counter::ReportsFailed,
    Counter::ReportsDeclined,
    Counter::MailsReturned { kind: "bounced" },
    Counter::ReportsMailedTwicePossible,
    Counter::ErasuresBrokenOff,
];

fn line(counter: Counter, n: u64) -> Value {
    let mut output = Vec::new();
    Lines::of("ingest".to_owned()).write(counter, n, &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.lines().count(), 1);
    let mut value: Value = serde_json::from_str(&text).unwrap();
    assert!(value["_aws"]["Timestamp"].take().is_i64());
    value
}

#[test]
fn a_count_is_an_emf_line() {
    assert_eq!(
        line(Counter::KeptAside { reason: "too-old" }, 3),
        json!({
            "_aws": {
                "CloudWatchMetrics": [{
                    "Namespace": "WhatsappCampaigns",
                    "Dimensions": [[], ["function", "reason"]],
                    "Metrics": [{"Name": "KeptAside"}],
                }],
                "Timestamp": null,
            },
            "KeptAside": 3, "function": "ingest", "reason": "too-old",
        })
    );
}

#[test]
fn every_listed_counter_is_written_with_a_dimensionless_metric() {
    let names: Vec<&str> = ALL.iter().map(|counter| counter.name()).collect();
    assert_eq!(names, COUNTER_NAMES);
    for counter in ALL {
        let line = line(counter, u64::from(u32::MAX));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"], json!([{"Name": counter.name()}]));
        assert_eq!(directive["Dimensions"][0], json!([]));
        assert_eq!(line[counter.name()], u32::MAX);
    }
}

#[test]
fn outside_a_lambda_counts_are_kept() {
    let (chat, media) =
        (Counter::TrafficIgnored { kind: "chat" }, Counter::TrafficIgnored { kind: "media" });
    let before = (counted(chat), counted_in_all("TrafficIgnored"));
    count(chat, 2);
    count(chat, 0);
    count(media, 5);
    assert_eq!(counted(chat), before.0 + 2);
    assert_eq!(counted_in_all("TrafficIgnored"), before.1 + 7);
}

#[test]
fn logging_can_be_started_twice() {
    init();
    init();
}
