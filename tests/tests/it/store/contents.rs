//! What stands in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use ops::intake::Intake;
use serde_json::Value;
use shared::domain::facts::click::Click;
use shared::domain::facts::event::ClickKind;
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::values::ids::OrderGroup;
use shared::store::aside::Aside;
use shared::vtex::{Timeouts, VtexApi};

use super::Store;
use super::functions::{digest, system_secret};

/// More than any test keeps aside.
const ASIDES: usize = 2_000;

/// A code and a field for which something was kept aside.
pub(crate) type Reason = (String, Option<String>);

/// An empty field is none.
pub(crate) fn reason(code: &str, field: &str) -> Reason {
    (code.to_owned(), (!field.is_empty()).then(|| field.to_owned()))
}

impl Store {
    /// What an operator's replay works with.
    pub(crate) fn intake(&self) -> Intake {
        let (table, api) = (self.functions.ingest.table.clone(), VtexApi::cloud(Timeouts::PATIENT));
        Intake::new(table, self.clock.clone(), &system_secret(), api)
    }

    pub(crate) async fn reminder(&self, id: &str) -> Option<Reminder> {
        self.table.reminder(&self.account, &digest(id)).await.unwrap()
    }

    pub(crate) async fn order(&self, group: &str) -> Option<Order> {
        self.table.order(&self.account, &OrderGroup::parse(group).unwrap()).await.unwrap()
    }

    /// Ids, kinds and seconds of a reminder's clicks.
    pub(crate) async fn clicks(&self, id: &str) -> Vec<(String, ClickKind, i64)> {
        let clicks = self.table.reminder_clicks(&self.account, &digest(id)).await.unwrap();
        let told = |c: Click| (c.click_id.as_str().to_owned(), c.click_kind, c.at.seconds());
        clicks.into_iter().map(told).collect()
    }

    /// What was kept aside for the store.
    pub(crate) async fn asides(&self) -> Vec<Aside> {
        let page = self.table.aside_page(&(&self.account).into(), None, ASIDES).await.unwrap();
        page.items.into_iter().map(|(_, aside)| aside).collect()
    }

    /// What was kept aside for nobody that is known, whatever the phone number.
    pub(crate) async fn strays(&self) -> Vec<Aside> {
        let contents = self.contents().await.into_iter();
        let strays = contents.filter(|item| item.contains("\"pk\":\"UNKNOWN#"));
        strays.map(|item| serde_json::from_str(&item).unwrap()).collect()
    }

    /// Codes and fields of what was kept aside for the store, sorted.
    pub(crate) async fn reasons(&self) -> Vec<Reason> {
        let asides = self.asides().await.into_iter();
        let mut reasons: Vec<_> = asides.map(|aside| (aside.code, aside.field)).collect();
        reasons.sort();
        reasons
    }

    /// The one reason for which anything was kept aside.
    pub(crate) async fn reason(&self) -> Reason {
        let mut reasons = self.reasons().await;
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        reasons.remove(0)
    }

    /// Everything in the table but settings and campaigns, and who changed what, as text: to show that
    /// nothing changed.
    pub(crate) async fn contents(&self) -> Vec<String> {
        let output = self.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
        let mut items: Vec<String> = output
            .items()
            .iter()
            .map(|item| {
                let fields = item.iter().map(|(name, value)| (name.clone(), plain(value)));
                Value::Object(fields.collect()).to_string()
            })
            .filter(|text| !text.contains("#ACCOUNT\"") && !text.contains("#CAMPAIGN"))
            .filter(|text| !text.contains("PHONE_NUMBER#") && !text.contains("#ACTIVITY\""))
            .collect();
        items.sort();
        items
    }
}

/// An attribute as JSON, whose fields have an order.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::M(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.collect())
        }
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        AttributeValue::S(text) => text.clone().into(),
        other => format!("{other:?}").into(),
    }
}
