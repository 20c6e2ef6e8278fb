//! The report worker of a store, with an S3 and an SES that fail on demand, and pauses that take no
//! time: the store's clock alone moves.

use std::sync::{Arc, Mutex};

use engine::faults::Faults;
use report_worker::build::{self, BuildError, Built, ReportSpec};
use report_worker::pause::Pause;
use report_worker::{Deps, WorkerEvent, handle};
use serde_json::{Value, json};
use shared::domain::facts::credit::Credit;
use shared::domain::facts::event::Receipt;
use shared::domain::reports::report::{Report, ReportId, Wanted};
use shared::domain::reports::row::ReportFormat;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::store::Table;
use shared::store::key::Key;
use shared::store::reports::ReportRequested;

use super::facts::item;
use super::{Store, ZONE};
use crate::report_worker::s3::{BUCKET, S3};
use crate::report_worker::ses::Ses;

fn day(text: &str) -> StoreDay {
    StoreDay::parse(text).unwrap()
}

fn november() -> Period {
    Period::new(day("2026-11-01"), day("2026-11-30")).unwrap()
}

/// The pauses that a worker made, in seconds. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pauses(Arc<Mutex<Vec<u64>>>);

impl Pauses {
    pub(crate) fn made(&self) -> Vec<u64> {
        self.0.lock().unwrap().clone()
    }

    /// A way to wait that only moves the store's clock.
    fn of(&self, store: &Store) -> Pause {
        let (pauses, clock) = (self.clone(), store.clock.clone());
        Pause::from_fn(move |span| {
            pauses.0.lock().unwrap().push(span.as_secs());
            clock.set(clock.now().plus(Span::seconds(span.as_secs().cast_signed())));
            Box::pin(std::future::ready(()))
        })
    }
}

/// A worker and its store.
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) s3: S3,
    pub(crate) ses: Ses,
    pub(crate) pauses: Pauses,
    pub(crate) deps: Deps,
}

impl Worker {
    /// The worker of a store that is open, at noon.
    pub(crate) async fn open() -> Self {
        Self::of(&Store::open_at_noon().await).await
    }

    pub(crate) async fn of(store: &Store) -> Self {
        let (s3, ses) = (S3::start().await, Ses::start().await);
        let pauses = Pauses::default();
        let deps = deps(store, store.table.clone(), &s3, &ses).with_pause(pauses.of(store));
        Self { store: store.clone(), s3, ses, pauses, deps }
    }

    /// The same whose mails name a configuration set.
    pub(crate) fn with_configuration_set(self, name: &str) -> Self {
        Self { deps: self.deps.with_configuration_set(name), ..self }
    }

    /// The worker with another reach to the table.
    pub(crate) fn under(&self, faults: &Faults) -> Deps {
        let engine = &self.store.engine;
        let table = engine.table_through(faults.around(engine.http()), 1);
        let pause = self.pauses.of(&self.store);
        deps(&self.store, table, &self.s3, &self.ses).with_pause(pause)
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
        let (built, bytes) = self.built_bytes(deps, format, campaign).await.unwrap();
        (built, String::from_utf8(bytes).unwrap())
    }

    /// A report of November as a workbook.
    pub(crate) async fn built_workbook(&self, deps: &Deps) -> Result<(Built, Vec<u8>), BuildError> {
        self.built_bytes(deps, ReportFormat::Xlsx, None).await
    }

    async fn built_bytes(
        &self,
        deps: &Deps,
        format: ReportFormat,
        campaign: Option<&str>,
    ) -> Result<(Built, Vec<u8>), BuildError> {
        let campaign_id = campaign.map(|id| CampaignId::parse(id).unwrap());
        let s3_key = "built";
        let spec = ReportSpec {
            account: &self.store.account,
            zone: ZONE,
            period: november(),
            campaign_id: campaign_id.as_ref(),
            format,
            s3_key,
            file_name: s3_key,
        };
        let built = build::write_report(deps, &spec).await?;
        let bytes = self.s3.read(s3_key).await;
        assert_eq!(built.bytes, bytes.len() as u64);
        Ok((built, bytes))
    }

    /// Asks for a report of November.
    pub(crate) async fn request(&self, campaign: Option<&str>) -> Report {
        self.request_of(campaign, ReportFormat::Csv).await
    }

    /// Asks for a report of November about all campaigns.
    pub(crate) async fn request_as(&self, format: ReportFormat) -> Report {
        self.request_of(None, format).await
    }

    async fn request_of(&self, campaign: Option<&str>, format: ReportFormat) -> Report {
        let now = self.store.clock.now();
        let wanted = Wanted {
            account: self.store.account.clone(),
            email: EmailAddress::parse("bia@store.example").unwrap(),
            period: november(),
            campaign_id: campaign.map(|id| CampaignId::parse(id).unwrap()),
            format,
        };
        let report = Report::requested(ReportId::new(now, &[1; 10]), wanted, now);
        let stored = self.store.table.report_request(&report, None).await.unwrap();
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

    /// A report as it is stored.
    pub(crate) async fn stored(&self, report: &Report) -> Report {
        self.store.table.report(&report.account, &report.id).await.unwrap().unwrap()
    }
}

fn deps(store: &Store, table: Table, s3: &S3, ses: &Ses) -> Deps {
    Deps::new(
        (table, super::functions::phone_key()),
        s3.client.clone(),
        BUCKET,
        ses.client.clone(),
        EmailAddress::parse("reports@campaigns.example").unwrap(),
        "https://api.example",
        store.clock.clone(),
    )
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

impl Store {
    /// A delivered reminder and the order that follows it, in reais.
    pub(crate) async fn conversion(&self, group: &str, sent: &str, ordered: &str, value: i64) {
        let (reminder, user) = (format!("r-{group}"), format!("u-{group}"));
        let items = vec![item("1", "Caneca", 1, 900)];
        self.sent_with(&reminder, "c1", sent, &user, items.clone()).await;
        self.receipt(&reminder, Receipt::Delivered, sent).await;
        let (part, when) = (("01", "created"), (ordered, ordered));
        self.part_with(group, part, when, &user, ("BRL", value), items).await;
    }

    /// Moves an order's credit to another day, as a changed reminder does.
    pub(crate) async fn move_to(&self, group: &str, to: &str) {
        let order = self.order(group).await.unwrap();
        let credit = order.credit.clone().unwrap();
        let credit = Some(Credit { day: day(to), ..credit });
        assert!(self.table.order_write_credit(&self.account, &order, credit).await.unwrap());
    }
}
