//! `GET /metrics`: what became of carts (R14).

use serde_json::json;
use shared::domain::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use shared::domain::rules::contribution::{Changes, of_decision};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::store_day::StoreDay;
use shared::store::stream::SequenceNumber;

use crate::store::{CAMPAIGN, Store, account, now};

async fn decided(store: &Store, day: &str, decisions: &[(Option<&str>, Verdict)]) {
    let mut changes = Changes::default();
    for (campaign, verdict) in decisions {
        let decision = Decision {
            episode: now(),
            decided_at: now(),
            day: StoreDay::parse(day).unwrap(),
            campaign_id: campaign.map(|id| CampaignId::parse(id).unwrap()),
            was_read: false,
            verdict: *verdict,
        };
        changes.add(&account(), &[], &of_decision(&decision));
    }
    let changes: Vec<_> = changes
        .iter()
        .map(|(account, cohort, totals)| (account.clone(), cohort.clone(), totals.clone()))
        .collect();
    let counted = SequenceNumber::parse("1").unwrap();
    let shard = format!("shard-{day}");
    store.table.rollups_commit(&shard, None, &counted, &changes, now()).await.unwrap();
}

fn skipped(reason: Reason) -> Verdict {
    Verdict::Skipped { reason, held_by: None }
}

fn reminded(send: SendOutcome) -> Verdict {
    Verdict::Reminded { send, reason: None }
}

#[tokio::test]
async fn a_range_tells_what_became_of_its_carts() {
    let store = Store::open().await;
    let first = [
        (None, skipped(Reason::Purchased)),
        (None, skipped(Reason::NoPhone)),
        (Some(CAMPAIGN), skipped(Reason::NoPhone)),
        (None, skipped(Reason::CartGone)),
        (Some(CAMPAIGN), reminded(SendOutcome::Accepted)),
        (Some(CAMPAIGN), reminded(SendOutcome::Claimed)),
        (Some("c2"), reminded(SendOutcome::Rejected)),
        (Some(CAMPAIGN), Verdict::HeldOut),
    ];
    decided(&store, "2026-11-01", &first).await;
    let second = [
        (Some(CAMPAIGN), reminded(SendOutcome::Unknown)),
        (Some(CAMPAIGN), reminded(SendOutcome::Unconfirmed)),
    ];
    decided(&store, "2026-11-02", &second).await;
    let funnel = async |query: &str| {
        store.get(&format!("/metrics?from=2026-11-01&{query}")).await.ok()["funnel"].clone()
    };
    let all = json!({
        "carts": 9, "heldOut": 1, "reminded": 5, "accepted": 1, "rejected": 1, "unknown": 1,
        "unconfirmed": 1,
        "skipped": [{"reason": "no-phone", "count": 2}, {"reason": "purchased", "count": 1}],
    });
    assert_eq!(funnel("to=2026-11-02").await, all);
    let day = funnel("to=2026-11-01").await;
    assert_eq!((&day["carts"], &day["reminded"]), (&json!(7), &json!(3)));
    let one = funnel("to=2026-11-02&campaignId=c2").await;
    assert_eq!((&one["carts"], &one["rejected"]), (&json!(1), &json!(1)));
    // Decisions without a campaign make none.
    let body = store.get("/metrics?from=2026-11-01&to=2026-11-02").await.ok();
    assert_eq!(body["campaigns"].as_array().unwrap().len(), 3);
    assert_eq!(body["totals"]["sent"], 0);
}
