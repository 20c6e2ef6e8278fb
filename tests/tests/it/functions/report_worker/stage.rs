//! A store made by hand, and the worker beside it.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::Engine;
use engine::faults::Faults;
use report_worker::build::{self, Built, ReportSpec};
use report_worker::{Deps, WorkerEvent, handle};
use serde_json::{Value, json};
use shared::domain::facts::click::ClickCohort;
use shared::domain::facts::credit::Credit;
use shared::domain::facts::event::{
    ClickKind, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::facts::order::Order;
use shared::domain::reports::report::{Report, ReportId, Wanted};
use shared::domain::reports::row::ReportFormat;
use shared::domain::rules::contribution::{Changes, of_order};
use shared::domain::rules::credit::{Candidate, judge};
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::identity::{Identities, OrderFormId, UserId};
use shared::domain::values::ids::{CampaignId, ClickId, OrderGroup, OrderId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::key::Key;
use shared::store::reports::ReportRequested;
use shared::store::stream::SequenceNumber;

use crate::functions::report_worker::s3::{BUCKET, S3};
use crate::functions::report_worker::ses::Ses;

pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;
pub(crate) const NOW: &str = "2026-11-22T12:00:00-03:00";

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn day(text: &str) -> StoreDay {
    StoreDay::parse(text).unwrap()
}

pub(crate) fn item(id: &str, name: &str, quantity: u32, price: i64) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity, price }
}

/// Whom a fact names: user and cart; empty: none.
pub(crate) type Who<'a> = (&'a str, &'a str);

fn identities((user, cart): Who<'_>) -> Identities {
    Identities {
        user_id: UserId::optional(user).unwrap(),
        order_form_id: OrderFormId::optional(cart).unwrap(),
        phone: None,
    }
}

/// The account `acme`, and a worker whose calls to the table may fail.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) table: Table,
    pub(crate) account: Account,
    pub(crate) clock: Clock,
    pub(crate) s3: S3,
    pub(crate) ses: Ses,
    pub(crate) deps: Deps,
    commits: AtomicU64,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let (engine, s3, ses) =
            (Engine::within().await.unwrap(), S3::start().await, Ses::start().await);
        let clock = Clock::manual(at(NOW));
        let deps = Deps::new(
            engine.table(),
            s3.client.clone(),
            BUCKET,
            ses.client.clone(),
            EmailAddress::parse("reports@campaigns.example").unwrap(),
            "https://api.example",
            clock.clone(),
        );
        let account = Account::parse("acme").unwrap();
        let stage = Self {
            table: engine.table(),
            engine,
            account,
            clock,
            s3,
            ses,
            deps,
            commits: AtomicU64::new(0),
        };
        stage.settings(None).await;
        stage.campaign("c1", "Carrinho & <café>", Language::PtBr).await;
        stage.campaign("c2", "Abandoned carts", Language::EnUs).await;
        stage
    }

    pub(crate) async fn settings(&self, report_domains: Option<&[&str]>) {
        let settings = AccountSettings {
            time_zone: ZONE,
            language: Language::PtBr,
            phone_number_ids: Vec::new(),
            store_url: StoreUrl::parse("https://shop.example").unwrap(),
            report_domains: report_domains
                .map(|list| list.iter().map(|domain| (*domain).to_owned()).collect()),
        };
        self.table.account_write(&self.account, &settings).await.unwrap();
    }

    pub(crate) async fn campaign(&self, id: &str, name: &str, language: Language) {
        let after = Campaign {
            campaign_id: CampaignId::parse(id).unwrap(),
            name: CampaignName::parse(name).unwrap(),
            language,
            message_type: MessageType::Text,
            status: CampaignStatus::Active,
            version: 1,
            created_at: at(NOW),
            updated_at: at(NOW),
        };
        let change = CampaignChange { at: at(NOW), by: "ana".to_owned(), after, before: None };
        self.table.campaign_write(&self.account, &change).await.unwrap();
    }

    /// The worker with another reach to the table.
    pub(crate) fn worker(&self, faults: &Faults) -> Deps {
        let table = self.engine.table_through(faults.around(self.engine.http()), 1);
        Deps::new(
            table,
            self.s3.client.clone(),
            BUCKET,
            self.ses.client.clone(),
            EmailAddress::parse("reports@campaigns.example").unwrap(),
            "https://api.example",
            self.clock.clone(),
        )
    }

    pub(crate) async fn sent(
        &self,
        id: &str,
        campaign: &str,
        when: &str,
        who: Who<'_>,
        cart: Vec<Item>,
    ) {
        let event = ReminderSent {
            reminder_id: ReminderId::parse(id).unwrap(),
            at: at(when),
            campaign_id: CampaignId::parse(campaign).unwrap(),
            identities: identities(who),
            items: ItemList::new(cart).unwrap(),
            link_token: None,
        };
        self.table.reminder_write_details(&self.account, &event, ZONE).await.unwrap();
    }

    pub(crate) async fn receipt(&self, id: &str, receipt: Receipt, when: &str) {
        let reminder_id = ReminderId::parse(id).unwrap();
        let event = ReminderStatus { reminder_id, receipt, at: at(when) };
        self.table.reminder_write_receipt(&self.account, &event).await.unwrap();
    }

    pub(crate) async fn clicked(&self, id: &str, kind: ClickKind, when: &str) {
        let event = ReminderClicked {
            reminder_id: ReminderId::parse(id).unwrap(),
            click_id: ClickId::parse("k1").unwrap(),
            kind,
            at: at(when),
        };
        self.table.click_write(&self.account, &event).await.unwrap();
        self.table
            .reminder_lower_first_click(&self.account, &event.reminder_id, event.at)
            .await
            .unwrap();
        let click =
            self.table.reminder_clicks(&self.account, &event.reminder_id).await.unwrap().remove(0);
        let reminder = self.table.reminder(&self.account, &event.reminder_id).await.unwrap();
        if let Some(cohort) = ClickCohort::of(&reminder.unwrap()) {
            self.table.click_write_cohort(&self.account, &click, &cohort).await.unwrap();
        }
    }

    /// A part's state, and the order's credit derived anew.
    pub(crate) async fn part(
        &self,
        group: &str,
        (part, status): (&str, &str),
        (created, changed): (&str, &str),
        who: Who<'_>,
        (currency, value): (&str, i64),
        items: Vec<Item>,
    ) {
        let event = OrderUpdated {
            order_group: OrderGroup::parse(group).unwrap(),
            order_id: OrderId::parse(&format!("{group}-{part}")).unwrap(),
            status: OrderStatus::parse(status).unwrap(),
            created_at: at(created),
            changed_at: at(changed),
            identities: identities(who),
            currency: Currency::parse(currency).unwrap(),
            value,
            items: ItemList::new(items).unwrap(),
        };
        self.table.order_fold(&self.account, &event).await.unwrap();
        self.derive(group).await;
    }

    async fn derive(&self, group: &str) {
        let order = self.order(group).await;
        let candidates = self.table.order_candidates(&self.account, &order).await.unwrap();
        let candidates: Vec<Candidate> = candidates.into_iter().map(|(_, c)| c).collect();
        let credit = judge(&order, &candidates).credit;
        if credit != order.credit {
            assert!(self.table.order_write_credit(&self.account, &order, credit).await.unwrap());
        }
    }

    pub(crate) async fn order(&self, group: &str) -> Order {
        let group = OrderGroup::parse(group).unwrap();
        self.table.order(&self.account, &group).await.unwrap().unwrap()
    }

    /// A delivered reminder and the order that follows it, in reais.
    pub(crate) async fn conversion(&self, group: &str, sent: &str, ordered: &str, value: i64) {
        let (reminder, user) = (format!("r-{group}"), format!("u-{group}"));
        self.sent(&reminder, "c1", sent, (&user, ""), vec![item("1", "Caneca", 1, 900)]).await;
        self.receipt(&reminder, Receipt::Delivered, sent).await;
        let items = vec![item("1", "Caneca", 1, 900)];
        self.part(group, ("01", "created"), (ordered, ordered), (&user, ""), ("BRL", value), items)
            .await;
    }

    /// Moves an order's credit to another day, as a changed reminder does.
    pub(crate) async fn move_to(&self, group: &str, to: &str) {
        let order = self.order(group).await;
        let credit = order.credit.clone().unwrap();
        let credit = Some(Credit { day: day(to), ..credit });
        assert!(self.table.order_write_credit(&self.account, &order, credit).await.unwrap());
    }

    /// Counts these orders in the rollups.
    pub(crate) async fn count(&self, groups: &[&str]) {
        let mut changes = Changes::default();
        for group in groups {
            changes.add(None, of_order(&self.order(group).await));
        }
        self.commit(&changes).await;
    }

    /// Counts what became of these orders.
    pub(crate) async fn count_changes(&self, before: &[Order]) {
        let mut changes = Changes::default();
        for order in before {
            changes.add(of_order(order), of_order(&self.order(order.order_group.as_str()).await));
        }
        self.commit(&changes).await;
    }

    async fn commit(&self, changes: &Changes) {
        let changes: Vec<_> = changes
            .iter()
            .map(|(cohort, totals)| (self.account.clone(), cohort.clone(), totals.clone()))
            .collect();
        let sequence = |n: u64| SequenceNumber::parse(&n.to_string()).unwrap();
        let commits = self.commits.fetch_add(1, Ordering::SeqCst);
        let held = (commits > 0).then(|| sequence(commits));
        let next = sequence(commits + 1);
        self.table.rollups_commit("shard", held.as_ref(), &next, &changes, at(NOW)).await.unwrap();
    }

    /// A report of November in CSV, as it was built and as it lies in the bucket.
    pub(crate) async fn built(&self, deps: &Deps) -> (Built, String) {
        self.built_as(deps, ReportFormat::Csv, None).await
    }

    pub(crate) async fn built_as(
        &self,
        deps: &Deps,
        format: ReportFormat,
        campaign: Option<&str>,
    ) -> (Built, String) {
        let campaign_id = campaign.map(|id| CampaignId::parse(id).unwrap());
        let spec = ReportSpec {
            account: &self.account,
            zone: ZONE,
            period: Period::new(day("2026-11-01"), day("2026-11-30")).unwrap(),
            campaign_id: campaign_id.as_ref(),
            format,
            s3_key: "built.csv",
            file_name: "built.csv",
        };
        let built = build::write_report(deps, &spec).await.unwrap();
        let bytes = self.s3.read("built.csv").await;
        assert_eq!(built.bytes, bytes.len() as u64);
        (built, String::from_utf8(bytes).unwrap())
    }

    /// Asks for a report of November.
    pub(crate) async fn request(&self, campaign: Option<&str>) -> Report {
        let now = self.clock.now();
        let wanted = Wanted {
            account: self.account.clone(),
            email: EmailAddress::parse("bia@store.example").unwrap(),
            period: Period::new(day("2026-11-01"), day("2026-11-30")).unwrap(),
            campaign_id: campaign.map(|id| CampaignId::parse(id).unwrap()),
            format: ReportFormat::Csv,
        };
        let report = Report::requested(ReportId::new(now, &[1; 10]), wanted, now);
        let stored = self.table.report_request(&report, None).await.unwrap();
        assert_eq!(stored, ReportRequested::Stored);
        report
    }

    /// The stream brings the report's record to the worker.
    pub(crate) async fn deliver(&self, report: &Report) {
        self.deliver_to(&self.deps, report).await;
    }

    pub(crate) async fn deliver_to(&self, deps: &Deps, report: &Report) {
        let answer = handle(deps, event(report)).await.unwrap();
        assert_eq!(answer, json!({"state": {"w": 1}, "batchItemFailures": []}));
    }

    pub(crate) async fn tick(&self) -> Value {
        handle(&self.deps, WorkerEvent::Tick(None)).await.unwrap()
    }

    /// So many minutes later.
    pub(crate) fn pass(&self, minutes: i64) {
        let later =
            self.clock.now().plus(shared::domain::values::span::Span::seconds(minutes * 60));
        self.clock.set(later);
    }

    pub(crate) async fn stored(&self, report: &Report) -> Report {
        self.table.report(&report.account, &report.id).await.unwrap().unwrap()
    }
}

/// What the stream says of a report.
pub(crate) fn event(report: &Report) -> WorkerEvent {
    let key = Key::report(&report.account, &report.id);
    let keys = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}});
    let event = json!({
        "Records": [{
            "eventID": "1",
            "eventName": "INSERT",
            "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "100000000000000000001"},
        }],
        "state": {"w": 1},
    });
    WorkerEvent::try_from(event).unwrap()
}
