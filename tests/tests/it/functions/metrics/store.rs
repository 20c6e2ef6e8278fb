//! A store made by hand: facts written through the table, derived and counted by the simplest means.

use std::collections::BTreeMap;

use ::metrics::{Deps, router};
use axum::body::Body;
use engine::Engine;
use http::Request;
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::facts::click::ClickCohort;
use shared::domain::facts::event::{
    ClickKind, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::rules::contribution::{
    Changes, Cohort, Totals, of_click, of_order, of_reminder,
};
use shared::domain::rules::credit::{Candidate, judge};
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::identity::{Identities, UserId};
use shared::domain::values::ids::{CampaignId, ClickId, OrderGroup, OrderId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::facts::SentWritten;
use shared::store::stream::SequenceNumber;
use tower::ServiceExt as _;

pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;

/// Noon of a November day in the store.
pub(crate) const NOW: &str = "2026-11-22T12:00:00-03:00";

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn campaign_id(text: &str) -> CampaignId {
    CampaignId::parse(text).unwrap()
}

pub(crate) fn identified(user: &str) -> Identities {
    Identities { user_id: UserId::optional(user).unwrap(), ..Identities::default() }
}

/// One account on a table that may be shared.
pub(crate) struct Store {
    pub(crate) engine: Engine,
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    reminders: Vec<ReminderId>,
    orders: Vec<OrderGroup>,
    counted: BTreeMap<Cohort, Totals>,
    commits: u64,
}

impl Store {
    /// The account `acme` with the campaigns `c1`, `c2`, `c3`, on a table of its own.
    pub(crate) async fn open() -> Self {
        Self::on(Engine::within().await.unwrap(), "acme").await
    }

    /// The account `name` with the same campaigns on the table of `engine`.
    pub(crate) async fn on(engine: Engine, name: &str) -> Self {
        let store = Self::unset(engine, name);
        let settings = AccountSettings {
            time_zone: ZONE,
            language: Language::PtBr,
            phone_number_ids: Vec::new(),
            store_url: StoreUrl::parse("https://shop.example").unwrap(),
            report_domains: None,
        };
        store.table.account_write(&store.account, &settings).await.unwrap();
        // Made in an order that isn't the one of their ids.
        store.campaign("c2", "First", "2026-01-01T00:00:00Z").await;
        store.campaign("c1", "Second", "2026-01-02T00:00:00Z").await;
        store.campaign("c3", "Third", "2026-01-03T00:00:00Z").await;
        store
    }

    /// An account that was never set up.
    pub(crate) fn unset(engine: Engine, name: &str) -> Self {
        Self {
            table: engine.table(),
            engine,
            clock: Clock::manual(at(NOW)),
            account: Account::parse(name).unwrap(),
            reminders: Vec::new(),
            orders: Vec::new(),
            counted: BTreeMap::new(),
            commits: 0,
        }
    }

    async fn campaign(&self, id: &str, name: &str, created: &str) {
        let after = Campaign {
            campaign_id: campaign_id(id),
            name: CampaignName::parse(name).unwrap(),
            language: Language::PtBr,
            message_type: MessageType::Text,
            status: CampaignStatus::Active,
            version: 1,
            created_at: at(created),
            updated_at: at(created),
        };
        let change = CampaignChange { at: at(created), by: "ana".to_owned(), after, before: None };
        self.table.campaign_write(&self.account, &change).await.unwrap();
    }

    /// A reminder to `user`; empty: to nobody that is known.
    pub(crate) async fn sent(&mut self, id: &str, campaign: &str, when: &str, user: &str) {
        let event = ReminderSent {
            reminder_id: ReminderId::parse(id).unwrap(),
            at: at(when),
            campaign_id: campaign_id(campaign),
            identities: identified(user),
            items: ItemList::default(),
            link_token: None,
        };
        let written = self.table.reminder_write_details(&self.account, &event, ZONE).await.unwrap();
        assert!(matches!(written, SentWritten::Written(_)));
        self.reminders.push(event.reminder_id);
    }

    pub(crate) async fn receipt(&self, id: &str, receipt: Receipt, when: &str) {
        let reminder_id = ReminderId::parse(id).unwrap();
        let event = ReminderStatus { reminder_id, receipt, at: at(when) };
        self.table.reminder_write_receipt(&self.account, &event).await.unwrap();
    }

    pub(crate) async fn clicked(&self, id: &str, click: &str, kind: ClickKind, when: &str) {
        let event = ReminderClicked {
            reminder_id: ReminderId::parse(id).unwrap(),
            click_id: ClickId::parse(click).unwrap(),
            kind,
            at: at(when),
        };
        self.table.click_write(&self.account, &event).await.unwrap();
    }

    /// An order of one part in reais, created at `when`.
    pub(crate) async fn ordered(&mut self, group: &str, when: &str, user: &str, value: i64) {
        self.part(group, "01", "created", (when, when), user, ("BRL", value)).await;
    }

    /// A part's state: when the part was made and when it changed, and what it is worth.
    pub(crate) async fn part(
        &mut self,
        group: &str,
        part: &str,
        status: &str,
        (created, changed): (&str, &str),
        user: &str,
        (currency, value): (&str, i64),
    ) {
        let event = OrderUpdated {
            order_group: OrderGroup::parse(group).unwrap(),
            order_id: OrderId::parse(&format!("{group}-{part}")).unwrap(),
            status: OrderStatus::parse(status).unwrap(),
            created_at: at(created),
            changed_at: at(changed),
            identities: identified(user),
            currency: Currency::parse(currency).unwrap(),
            value,
            items: ItemList::default(),
        };
        self.table.order_fold(&self.account, &event).await.unwrap();
        if !self.orders.contains(&event.order_group) {
            self.orders.push(event.order_group);
        }
    }

    /// Works everything in: day keys of clicks, first clicks, credits, rollups.
    pub(crate) async fn settle(&mut self) {
        self.derive().await;
        self.count().await;
    }

    /// Everything but the rollups.
    pub(crate) async fn derive(&self) {
        let (table, account) = (&self.table, &self.account);
        for id in &self.reminders {
            for click in table.reminder_clicks(account, id).await.unwrap() {
                table.reminder_lower_first_click(account, id, click.at).await.unwrap();
                let reminder = table.reminder(account, id).await.unwrap().unwrap();
                let cohort = ClickCohort::of(&reminder).unwrap();
                table.click_write_cohort(account, &click, &cohort).await.unwrap();
            }
        }
        for group in &self.orders {
            let order = table.order(account, group).await.unwrap().unwrap();
            let candidates = table.order_candidates(account, &order).await.unwrap();
            let candidates: Vec<Candidate> = candidates.into_iter().map(|(_, c)| c).collect();
            let credit = judge(&order, &candidates).credit;
            if credit != order.credit {
                assert!(table.order_write_credit(account, &order, credit).await.unwrap());
            }
        }
    }

    /// Commits what the facts contribute by now beyond what was committed before.
    pub(crate) async fn count(&mut self) {
        let mut changes = Changes::default();
        for id in &self.reminders {
            let reminder = self.table.reminder(&self.account, id).await.unwrap().unwrap();
            changes.add(None, of_reminder(&reminder));
            for click in self.table.reminder_clicks(&self.account, id).await.unwrap() {
                changes.add(None, of_click(&click));
            }
        }
        for group in &self.orders {
            let order = self.table.order(&self.account, group).await.unwrap().unwrap();
            changes.add(None, of_order(&order));
        }
        let total: BTreeMap<Cohort, Totals> =
            changes.iter().map(|(cohort, totals)| (cohort.clone(), totals.clone())).collect();
        for (cohort, totals) in &self.counted {
            changes.add(Some((cohort.clone(), totals.clone())), None);
        }
        let changes: Vec<_> = changes
            .iter()
            .map(|(cohort, totals)| (self.account.clone(), cohort.clone(), totals.clone()))
            .collect();
        // One shard an account: its checkpoint is this store's own.
        let shard = format!("shard-{}", self.account);
        for some in changes.chunks(50) {
            let sequence = |n: u64| SequenceNumber::parse(&n.to_string()).unwrap();
            let held = (self.commits > 0).then(|| sequence(self.commits));
            self.commits += 1;
            let next = sequence(self.commits);
            let now = self.clock.now();
            self.table.rollups_commit(&shard, held.as_ref(), &next, some, now).await.unwrap();
        }
        self.counted = total;
    }

    /// Asks as a reader of this account.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(path, &json!({"account": self.account, "sub": "ana", "scope": "admin:read"})).await
    }

    /// Asks with these claims.
    pub(crate) async fn ask(&self, path: &str, claims: &Value) -> Answer {
        let context = json!({
            "http": {"method": "GET"},
            "requestId": "request-1",
            "authorizer": {"jwt": {"claims": claims, "scopes": null}},
        });
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let context = serde_json::from_value(context).unwrap();
        request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let deps = Deps::new(self.table.clone(), self.clock.clone());
        let response = router(deps).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap() }
    }
}

/// A status and a JSON body.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a 200.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status, code and field of a problem.
    pub(crate) fn problem(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status, text("code"), text("field"))
    }
}
