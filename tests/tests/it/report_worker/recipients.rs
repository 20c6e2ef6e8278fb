//! What the owner of an address said is asked before every mail.

use engine::faults::Faults;
use mail_parser::MessageParser;
use report_worker::mail::confirmation::Confirmation;
use shared::domain::reports::recipient::CONFIRMATION_LIFE;
use shared::domain::reports::report::{DownloadToken, LEASE, Report, ReportFailure, ReportStatus};
use shared::domain::reports::schedule::{Frequency, PauseReason, ScheduleStatus};
use shared::domain::values::campaign::Language;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{
    CONFIRMATION_DAYS, CONFIRMATIONS_PER_ACCOUNT_A_DAY, CONFIRMATIONS_PER_ADDRESS_A_DAY,
    CONFIRMATIONS_PER_RECIPIENT,
};
use shared::domain::values::span::Span;
use shared::store::recipients::Asked;
use shared::telemetry::{Counter, counted};

use crate::report_worker::minutes;
use crate::report_worker::schedules::{reports, schedule, tick_at};
use crate::report_worker::ses::Mood;
use crate::store::worker::Worker;
use crate::store::{NOON, Store, ZONE, at};

async fn unsubscribe(worker: &Worker, email: &str) {
    let email = EmailAddress::parse(email).unwrap();
    let store = &worker.store;
    store.table.recipient_unsubscribe(&store.account, &email, store.clock.now()).await.unwrap();
}

async fn declined(worker: &Worker, report: &Report) {
    let stored = worker.stored(report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, 1));
    assert_eq!(stored.failure, Some(ReportFailure::RecipientUnsubscribed));
    assert!(worker.ses.mails().is_empty());
    assert!(worker.store.table.reports_open().await.unwrap().is_empty());
}

/// Nobody has to mend that: it is no failure that an operator is woken for.
#[tokio::test]
async fn who_unsubscribed_since_the_request_gets_nothing() {
    let counts = || (counted(Counter::ReportsFailed), counted(Counter::ReportsDeclined));
    let before = counts();
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    unsubscribe(&worker, "BIA@store.example").await;
    worker.deliver(&report).await;
    declined(&worker, &report).await;
    assert!(worker.s3.keys().await.is_empty());
    assert_eq!(counts(), (before.0, before.1 + 1));
}

/// Building a large file takes minutes.
#[tokio::test]
async fn who_unsubscribes_while_the_file_is_built_gets_nothing() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let faults = Faults::default();
    // The link of the mail to be is written when the file is there.
    let hold = faults
        .hold(|call| call.operation == "PutItem" && call.body.to_string().contains("UNSUBSCRIBE#"));
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        unsubscribe(&worker, "bia@store.example").await;
        hold.release();
    };
    tokio::join!(worker.deliver_to(&slow, &report), meanwhile);
    declined(&worker, &report).await;
}

/// One that was made while its recipient unsubscribed.
#[tokio::test]
async fn a_schedule_to_somebody_who_unsubscribed_is_paused_by_its_first_report() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    unsubscribe(&worker, "bia@store.example").await;
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    let report = reports(&worker).await.remove(0);
    worker.deliver(&report).await;
    declined(&worker, &report).await;
    let account = &worker.store.account;
    let paused = worker.store.table.schedule(account, &daily.id).await.unwrap().unwrap();
    assert_eq!(paused.status, ScheduleStatus::Paused);
    assert_eq!(paused.pause_reason, Some(PauseReason::RecipientUnsubscribed));
    assert_eq!(tick_at(&worker, "2026-11-23T06:00:00-03:00").await, 0);
}

/// Nothing crosses an account: a wish of one store's reader says nothing to another's.
#[tokio::test]
async fn a_wish_holds_for_its_account_alone() {
    let worker = Worker::open().await;
    let other = worker.store.of("other");
    let email = EmailAddress::parse("bia@store.example").unwrap();
    let now = other.clock.now();
    other.table.recipient_unsubscribe(&other.account, &email, now).await.unwrap();
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
}

/// A worker of a store that answers for its own people alone, and a report to somebody else.
async fn outsider() -> (Worker, Report) {
    let worker = Worker::open().await;
    worker.store.answer_for_nobody_else().await;
    let report = worker.request(None).await;
    (worker, report)
}

fn bia() -> EmailAddress {
    EmailAddress::parse("bia@store.example").unwrap()
}

/// Whoever isn't of the store's own domain or of a listed one is asked before they get anything.
#[tokio::test]
async fn somebody_else_is_asked_first_and_once() {
    let (worker, report) = outsider().await;
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    let until = at(NOON).plus(CONFIRMATION_LIFE);
    assert_eq!((stored.status, stored.failure), (ReportStatus::WaitingForRecipient, None));
    assert_eq!((stored.waits_until, stored.next_attempt_at), (Some(until), until));
    let mail = worker.ses.mail();
    assert_eq!(mail.destinations, ["bia@store.example"]);
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    assert_eq!(parsed.attachment_count(), 0);
    assert!(parsed.header_raw("List-Unsubscribe").is_some());
    assert!(worker.s3.keys().await.is_empty(), "nothing is built that nobody may get");
    // Neither its record nor a tick starts it, and another report asks nobody again.
    worker.deliver(&report).await;
    worker.store.pass(Span::hours(23));
    assert_eq!(worker.tick().await["touched"], 0);
    let second = worker.request(None).await;
    worker.deliver(&second).await;
    assert_eq!(worker.stored(&second).await.waits_until, Some(until));
    assert_eq!(worker.ses.mails().len(), 1);

    let (table, account) = (&worker.store.table, &worker.store.account);
    let now = worker.store.clock.now();
    table.recipient_confirm(account, &bia(), now).await.unwrap();
    table.reports_wake(account, &bia(), now).await.unwrap();
    for report in [&report, &second] {
        assert_eq!(worker.stored(report).await.status, ReportStatus::Due);
        worker.deliver(report).await;
        assert_eq!(worker.stored(report).await.status, ReportStatus::Mailed);
    }
    worker.store.pass(Span::days(100));
    let later = worker.request(None).await;
    worker.deliver(&later).await;
    assert_eq!(worker.stored(&later).await.status, ReportStatus::Mailed);
    assert_eq!(worker.ses.mails().len(), 4);
}

#[tokio::test]
async fn who_does_not_confirm_within_a_day_gets_nothing() {
    let counts = || (counted(Counter::ReportsFailed), counted(Counter::ReportsDeclined));
    let before = counts();
    let worker = Worker::open().await;
    worker.store.answer_for_nobody_else().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    let report = reports(&worker).await.remove(0);
    worker.deliver(&report).await;
    worker.store.pass(CONFIRMATION_LIFE);
    worker.tick().await;
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!(stored.status, ReportStatus::Failed);
    assert_eq!(stored.failure, Some(ReportFailure::RecipientNotConfirmed));
    assert_eq!(worker.ses.mails().len(), 1);
    assert_eq!(counts(), (before.0, before.1 + 1));
    // Its next reports would only ask again.
    let account = &worker.store.account;
    let paused = worker.store.table.schedule(account, &daily.id).await.unwrap().unwrap();
    assert_eq!(paused.status, ScheduleStatus::Paused);
    assert_eq!(paused.pause_reason, Some(PauseReason::RecipientNotConfirmed));
}

/// A mail that was certainly not sent doesn't count as one, so the next attempt sends it.
#[tokio::test]
async fn a_refused_question_is_asked_again() {
    let (worker, report) = outsider().await;
    worker.ses.will(vec![Mood::Refuse; CONFIRMATIONS_PER_ADDRESS_A_DAY]);
    for _ in 0..CONFIRMATIONS_PER_ADDRESS_A_DAY {
        worker.deliver(&report).await;
        let stored = worker.stored(&report).await;
        assert_eq!(stored.failure, Some(ReportFailure::Mail));
        assert_eq!(stored.status, ReportStatus::Waiting);
        worker.store.pass(minutes(320));
        assert_eq!(worker.tick().await["touched"], 1);
    }
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::WaitingForRecipient);
    assert_eq!(worker.ses.mails().len(), 1);
}

/// Its answer was lost: the mail may be out or not, and a report must not wait for an answer to none.
#[tokio::test]
async fn a_question_whose_answer_was_lost_is_asked_again() {
    let (worker, report) = outsider().await;
    worker.ses.will([Mood::TakeAndBreak]);
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Waiting);
    worker.store.pass(minutes(320));
    assert_eq!(worker.tick().await["touched"], 1);
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::WaitingForRecipient);
    assert_eq!(worker.ses.mails().len(), 2);
}

/// The worker ends between counting the asking and the mail.
#[tokio::test]
async fn a_question_that_never_went_out_is_asked_by_the_next_attempt() {
    let (worker, report) = outsider().await;
    let (store, now) = (&worker.store, at(NOON));
    assert_eq!(ask(store, "bia@store.example", now).await, Asked::Now(now.plus(Span::days(1))));
    // While the attempt that asks may live nobody else does.
    let ends = now.plus(LEASE);
    let before = ends.minus(Span::millis(1));
    assert!(matches!(ask(store, "bia@store.example", before).await, Asked::Before(_)));
    store.clock.set(ends);
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::WaitingForRecipient);
    assert_eq!(worker.ses.mails().len(), 1);
    // The one that was lost isn't counted, nor is this one asked for again.
    let account = &store.account;
    let recipient = store.table.recipient(account, &bia()).await.unwrap();
    assert_eq!((recipient.asked, recipient.sent), (vec![ends], Some(ends)));
    assert!(matches!(ask(store, "bia@store.example", ends.plus(LEASE)).await, Asked::Before(_)));
}

/// They click before it is noted that the report waits: nobody would start it for a day.
#[tokio::test]
async fn an_answer_that_comes_at_once_starts_the_report() {
    let (worker, report) = outsider().await;
    let faults = Faults::default();
    let hold = faults.hold(|call| {
        call.operation == "UpdateItem" && call.body.to_string().contains("waiting-for-recipient")
    });
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        let (table, account) = (&worker.store.table, &worker.store.account);
        let now = worker.store.clock.now();
        table.recipient_confirm(account, &bia(), now).await.unwrap();
        table.reports_wake(account, &bia(), now).await.unwrap();
        hold.release();
    };
    tokio::join!(worker.deliver_to(&slow, &report), meanwhile);
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Due);
}

/// Asks with a link of its own.
async fn ask(store: &Store, email: &str, now: Instant) -> Asked {
    let token = DownloadToken::new(&shared::runtime::random::Randomness::system().bytes().unwrap());
    let email = EmailAddress::parse(email).unwrap();
    store.table.recipient_ask(&store.account, &email, &token, now).await.unwrap()
}

#[tokio::test]
async fn who_does_not_answer_is_not_asked_for_ever() {
    let (worker, report) = outsider().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    let (store, mut now) = (&worker.store, at(NOON));
    let began = now;
    for _ in 0..CONFIRMATIONS_PER_RECIPIENT {
        assert_eq!(ask(store, "Bia@store.example", now).await, Asked::Now(now.plus(Span::days(1))));
        store.table.recipient_note_asked(&store.account, &bia(), now).await.unwrap();
        now = now.plus(Span::days(1));
        assert_eq!(
            ask(store, "bia@store.example", now.minus(Span::seconds(1))).await,
            Asked::Before(now)
        );
    }
    assert_eq!(ask(store, "bia@store.example", now).await, Asked::TooOften);
    store.clock.set(now);
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!(stored.status, ReportStatus::Failed);
    assert_eq!(stored.failure, Some(ReportFailure::RecipientNotAsked));
    assert!(worker.ses.mails().is_empty());
    // They said nothing: the schedule's next report may ask them.
    let paused = store.table.schedule(&store.account, &daily.id).await.unwrap().unwrap().status;
    assert_eq!(paused, ScheduleStatus::Active);
    let again = began.plus(Span::days(CONFIRMATION_DAYS));
    assert_eq!(
        ask(store, "bia@store.example", again.minus(Span::seconds(1))).await,
        Asked::TooOften
    );
    assert!(matches!(ask(store, "bia@store.example", again).await, Asked::Now(_)));
}

#[tokio::test]
async fn an_account_asks_twenty_people_a_day() {
    let store = Store::open_at_noon().await;
    let now = at(NOON);
    for number in 0..CONFIRMATIONS_PER_ACCOUNT_A_DAY {
        let email = format!("p{number}@elsewhere.example");
        assert!(matches!(ask(&store, &email, now).await, Asked::Now(_)));
    }
    let more = "more@elsewhere.example";
    assert_eq!(ask(&store, more, now).await, Asked::TooOften);
    let tomorrow = now.plus(Span::days(1));
    assert_eq!(ask(&store, more, tomorrow.minus(Span::seconds(1))).await, Asked::TooOften);
    assert!(matches!(ask(&store, more, tomorrow).await, Asked::Now(_)));
}

#[tokio::test]
async fn many_accounts_can_not_flood_an_address() {
    let store = Store::open_at_noon().await;
    let now = at(NOON);
    for number in 0..CONFIRMATIONS_PER_ADDRESS_A_DAY {
        let other = store.of(&format!("a{number}"));
        assert!(matches!(ask(&other, "eva@elsewhere.example", now).await, Asked::Now(_)));
    }
    let another = store.of("another");
    for spelt in ["EVA@elsewhere.example", "eva+1@elsewhere.example"] {
        assert_eq!(ask(&another, spelt, now).await, Asked::TooOften);
    }
    let tomorrow = now.plus(Span::days(1));
    assert!(matches!(ask(&another, "eva@elsewhere.example", tomorrow).await, Asked::Now(_)));
}

/// Askings at once: one mail.
#[tokio::test]
async fn reports_at_once_ask_once() {
    let (worker, report) = outsider().await;
    worker.store.pass(minutes(1));
    let second = worker.request(None).await;
    worker.store.pass(minutes(1));
    let third = worker.request(None).await;
    tokio::join!(worker.deliver(&report), worker.deliver(&second), worker.deliver(&third));
    assert_eq!(worker.ses.mails().len(), 1);
    for report in [&report, &second, &third] {
        assert_eq!(worker.stored(report).await.status, ReportStatus::WaitingForRecipient);
    }
}

/// It names the account and nothing that the store's people wrote.
#[tokio::test]
async fn the_question_has_its_words_in_each_language() {
    let (_, report) = outsider().await;
    let from = EmailAddress::parse("reports@campaigns.example").unwrap();
    let mut told = Vec::new();
    for language in [Language::PtBr, Language::EnUs, Language::Es] {
        let confirmation = Confirmation {
            report: &report,
            from: &from,
            language,
            zone: ZONE,
            link: "https://api.example/c/token".to_owned(),
            valid_until: at(NOON).plus(CONFIRMATION_LIFE),
            unsubscribe: "https://api.example/u/token".to_owned(),
            at: at(NOON),
        };
        let raw = confirmation.compose().unwrap();
        assert!(raw.is_ascii());
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let html = parsed.body_html(0).unwrap();
        assert!(html.contains("<a href=\"https://api.example/c/token\">"), "{html}");
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        told.push(format!("{}\n\n{text}", parsed.subject().unwrap()));
    }
    insta::assert_snapshot!(told.join("\n----\n"));
}
