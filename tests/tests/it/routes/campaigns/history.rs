//! `GET /campaigns/{id}/history` (R11).

use serde_json::{Value, json};
use shared::domain::values::campaign::{Campaign, CampaignChange, CampaignEdit, CampaignName};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::span::Span;

use crate::store::{NOW, Store, at};

#[tokio::test]
async fn every_change_says_who_did_what_and_when() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let mut hour = 0;
    let mut later = || {
        hour += 1;
        store.clock.set(at(NOW).plus(Span::hours(hour)));
    };
    later();
    let edit = json!({"name": "y", "language": "pt-BR", "messageType": "coupon"});
    store.patch(&id, "\"1\"", edit).await;
    later();
    store.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    later();
    store.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    insta::assert_json_snapshot!(store.get(&format!("/campaigns/{id}/history")).await.shown());
}

#[tokio::test]
async fn the_newest_1000_are_told() {
    let store = Store::set_up().await;
    let id = store.campaign("0").await;
    let id = CampaignId::parse(&id).unwrap();
    let mut campaign: Campaign = store.table.campaign(&store.account, &id).await.unwrap().unwrap();
    for n in 1..=1_000 {
        let name = Some(CampaignName::parse(&n.to_string()).unwrap());
        let edit = CampaignEdit { name, ..CampaignEdit::default() };
        let after = campaign.edited(&edit, at(NOW)).unwrap();
        let before = Some(campaign);
        let change = CampaignChange { at: at(NOW), by: "ana".to_owned(), after, before };
        store.table.campaign_write(&store.account, &change).await.unwrap();
        campaign = change.after;
    }
    let history = store.get(&format!("/campaigns/{id}/history")).await;
    let items = history.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 1_000);
    assert_eq!((&items[0]["version"], &items[999]["version"]), (&json!(1_001), &json!(2)));
    assert!(history.body.to_string().len() < 1_000_000);
}

#[tokio::test]
async fn an_unknown_campaign_has_none() {
    let store = Store::set_up().await;
    let answer = store.get("/campaigns/0192/history").await;
    assert_eq!(answer.problem(), (404, "campaign-not-found", ""));
}
