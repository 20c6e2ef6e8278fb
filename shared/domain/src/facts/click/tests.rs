#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{ms, reminder};

#[test]
fn r4_of_two_bodies_the_earlier_then_the_link_then_the_stop() {
    let (link, reply, stop) = (ClickKind::Link, ClickKind::Reply, ClickKind::OptOut);
    for (new, held, wins) in [
        ((ms(0), reply), (ms(1), link), true),
        ((ms(1), link), (ms(0), reply), false),
        ((ms(0), link), (ms(0), reply), true),
        ((ms(0), reply), (ms(0), link), false),
        ((ms(0), link), (ms(0), link), false),
        ((ms(0), link), (ms(0), stop), true),
        ((ms(0), stop), (ms(0), reply), true),
        ((ms(0), reply), (ms(0), stop), false),
        ((ms(1), stop), (ms(0), reply), false),
    ] {
        assert_eq!(supersedes(new, held), wins, "{new:?} {held:?}");
    }
    // The table compares the words as texts.
    let words = [link, stop, reply].map(|kind| serde_json::to_string(&kind).unwrap());
    assert!(words.is_sorted(), "{words:?}");
}

#[test]
fn r1_a_click_counts_where_its_reminder_does() {
    let reminder = reminder("r");
    let cohort = ClickCohort::of(&reminder).unwrap();
    assert_eq!(cohort.day.to_string(), "2026-11-01");
    assert_eq!(cohort.campaign_id.as_str(), "spring");
    // It waits for the details.
    assert_eq!(ClickCohort::of(&Reminder::new(reminder.reminder)), None);
}

#[test]
fn a_click_is_stored_and_read_as_it_is() {
    let reminder = reminder("r");
    for (cohort, click_kind) in
        [(None, ClickKind::Reply), (ClickCohort::of(&reminder), ClickKind::OptOut)]
    {
        let click = Click {
            reminder: reminder.reminder.clone(),
            click_id: ClickId::parse("tap").unwrap(),
            at: ms(0),
            click_kind,
            cohort,
            token: None,
            moved: false,
        };
        let json = serde_json::to_string(&click).unwrap();
        assert_eq!(serde_json::from_str::<Click>(&json).unwrap(), click, "{json}");
    }
}
