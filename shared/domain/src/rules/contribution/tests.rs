#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::*;
use crate::facts::click::ClickCohort;
use crate::facts::credit::Credit;
use crate::facts::event::{ClickKind, Receipt};
use crate::samples::{digest, ms, order, part, reminder};
use crate::values::ids::ClickId;
use crate::values::money::Currency;

fn cohort(day: &str, campaign: &str) -> Cohort {
    Cohort::of(StoreDay::parse(day).unwrap(), CampaignId::parse(campaign).unwrap())
}

fn sums(sums: &[(&str, i64)]) -> Sums {
    sums.iter().map(|(code, sum)| (Currency::parse(code).unwrap(), *sum)).collect()
}

fn credited(kind: CreditKind, order: Order) -> Order {
    let credit = Credit {
        kind,
        at: ms(0),
        reminder: digest("r"),
        campaign_id: CampaignId::parse("autumn").unwrap(),
        day: StoreDay::parse("2026-10-31").unwrap(),
    };
    Order { credit: Some(credit), ..order }
}

#[test]
fn r3_a_reminder_counts_as_its_receipts_say() {
    let counts = |receipts: &[Receipt], clicked: bool| {
        let mut reminder = reminder("r");
        for receipt in receipts {
            reminder.fold_receipt(*receipt, ms(1));
        }
        if clicked {
            reminder.fold_click(ms(2));
        }
        let (at, totals) = of_reminder(&reminder).remove(0);
        assert_eq!(at, cohort("2026-11-01", "spring"));
        // Clicks count by themselves.
        assert_eq!(totals.total_clicks, 0);
        [totals.sent, totals.delivered, totals.read, totals.failed]
    };
    assert_eq!(counts(&[], false), [1, 0, 0, 0]);
    assert_eq!(counts(&[Receipt::Delivered], false), [1, 1, 0, 0]);
    assert_eq!(counts(&[Receipt::Read], false), [1, 1, 1, 0]);
    assert_eq!(counts(&[], true), [1, 1, 1, 0]);
    assert_eq!(counts(&[Receipt::Failed], false), [1, 0, 0, 1]);
    assert_eq!(counts(&[Receipt::Failed, Receipt::Delivered], false), [1, 1, 0, 0]);
    assert_eq!(counts(&[Receipt::Failed], true), [1, 1, 1, 0]);
}

#[test]
fn r2_receipts_and_clicks_wait_for_their_reminder() {
    let mut unsent = Reminder::new(digest("r"));
    unsent.fold_receipt(Receipt::Read, ms(1));
    assert_eq!(of_reminder(&unsent), []);
    let mut click = Click {
        reminder: unsent.reminder,
        click_id: ClickId::parse("tap").unwrap(),
        at: ms(0),
        click_kind: ClickKind::Reply,
        cohort: None,
        token: None,
        moved: false,
    };
    assert_eq!(of_click(&click), []);
    click.cohort = ClickCohort::of(&reminder("r"));
    let once = Totals { total_clicks: 1, ..Totals::default() };
    assert_eq!(of_click(&click), [(cohort("2026-11-01", "spring"), once)]);
    // R4: the stop button is no click.
    click.click_kind = ClickKind::OptOut;
    let opt_out = Totals { opt_outs: 1, ..Totals::default() };
    assert_eq!(of_click(&click), [(cohort("2026-11-01", "spring"), opt_out)]);
}

#[test]
fn r9_an_order_counts_by_its_credit() {
    let brl = |kind| credited(kind, order(&[part("o-01", "created", "BRL", 100)]));
    let value = sums(&[("BRL", 100)]);
    let assisted = Totals { assisted: 1, value: value.clone(), ..Totals::default() };
    let there = cohort("2026-10-31", "autumn");
    assert_eq!(of_order(&brl(CreditKind::Assisted)), [(there.clone(), assisted.clone())]);
    assert_eq!(assisted.conversions(), 1);
    let by_click = Totals {
        click_through: 1,
        value: value.clone(),
        click_through_value: value,
        ..Totals::default()
    };
    assert_eq!(by_click.conversions(), 1);
    assert_eq!(of_order(&brl(CreditKind::ClickThrough)), [(there, by_click)]);
}

#[test]
fn r7_an_order_that_is_dead_or_uncredited_counts_nowhere() {
    assert_eq!(of_order(&order(&[part("o-01", "created", "BRL", 1)])), []);
    // Its credit is not taken back yet, but it is canceled.
    let canceled = order(&[part("o-01", "canceled", "BRL", 1)]);
    assert_eq!(of_order(&credited(CreditKind::Assisted, canceled)), []);
}

#[test]
fn r8_an_order_worth_nothing_is_a_conversion_without_a_sum() {
    let free = order(&[part("o-01", "created", "BRL", 0)]);
    let (_, totals) = of_order(&credited(CreditKind::ClickThrough, free)).remove(0);
    assert_eq!(totals, Totals { click_through: 1, ..Totals::default() });
}

#[test]
fn r8_currencies_are_never_added() {
    let mut totals = Totals::default();
    for (code, sum) in [("CLP", 5), ("BRL", 7), ("CLP", 1), ("USD", 3)] {
        totals.add(&Totals { value: sums(&[(code, sum)]), ..Totals::default() }, 1);
    }
    assert_eq!(totals.value, sums(&[("BRL", 7), ("CLP", 6), ("USD", 3)]));
    totals.add(&Totals { value: sums(&[("USD", 3)]), ..Totals::default() }, -1);
    // What is back at zero is left out, and the rest stays sorted.
    let codes: Vec<&str> = totals.value.iter().map(|(currency, _)| currency.as_str()).collect();
    assert_eq!(codes, ["BRL", "CLP"]);
}

#[test]
fn changes_that_cancel_out_leave_nothing() {
    let order = credited(CreditKind::ClickThrough, order(&[part("o-01", "created", "BRL", 100)]));
    let (reminder, mut moved) = (reminder("r"), reminder("r"));
    moved.sent.as_mut().unwrap().day = StoreDay::parse("2026-10-31").unwrap();
    let mut changes = Changes::default();
    let account = Account::parse("store").unwrap();
    changes.add(&account, &[], &of_order(&order));
    changes.add(&account, &of_order(&order), &[]);
    assert_eq!(changes.iter().count(), 0);
    // A reminder that moves leaves one day and enters another.
    changes.add(&account, &of_reminder(&reminder), &of_reminder(&moved));
    let sent: Vec<_> =
        changes.iter().map(|(_, at, totals)| (at.day.to_string(), totals.sent)).collect();
    assert_eq!(sent, [("2026-10-31".to_owned(), 1), ("2026-11-01".to_owned(), -1)]);
    changes.add(&account, &of_reminder(&moved), &of_reminder(&reminder));
    assert_eq!(changes.iter().count(), 0);
}

#[test]
fn each_episode_counts_once_whatever_becomes_of_its_message() {
    use crate::facts::decision::{Decision, Reason, SendOutcome, Verdict};
    let decided = |verdict| Decision {
        episode: ms(0),
        decided_at: ms(5),
        day: StoreDay::parse("2026-11-01").unwrap(),
        campaign_id: None,
        was_read: false,
        verdict,
    };
    let outcomes = [
        SendOutcome::Claimed,
        SendOutcome::Unknown,
        SendOutcome::Unconfirmed,
        SendOutcome::Rejected,
        SendOutcome::Accepted,
    ];
    for send in outcomes {
        let counted = of_decision(&decided(Verdict::Reminded { send, reason: None }));
        let [(cohort, totals)] = counted.as_slice() else { panic!("{counted:?}") };
        assert_eq!(cohort.campaign_id().unwrap().as_str(), NO_CAMPAIGN);
        assert_eq!((totals.funnel.carts(), totals.funnel.reminded), (1, 1));
        let funnel = &totals.funnel;
        let resolved = funnel.accepted + funnel.rejected + funnel.unknown + funnel.unconfirmed;
        assert_eq!(resolved, i64::from(send != SendOutcome::Claimed));
    }
    let skipped = |reason| of_decision(&decided(Verdict::Skipped { reason, held_by: None }));
    assert_eq!(skipped(Reason::Purchased)[0].1.funnel.carts(), 1);
    assert_eq!(skipped(Reason::CartGone), []);
    assert_eq!(of_decision(&decided(Verdict::HeldOut))[0].1.funnel.carts(), 1);
    // A message that moves on is taken from where it was.
    let mut totals = Totals::default();
    for (send, sign) in
        [(SendOutcome::Unknown, 1), (SendOutcome::Unknown, -1), (SendOutcome::Accepted, 1)]
    {
        let counted = of_decision(&decided(Verdict::Reminded { send, reason: None }));
        totals.add(&counted[0].1, sign);
    }
    assert_eq!((totals.funnel.unknown, totals.funnel.accepted, totals.funnel.reminded), (0, 1, 1));
}
