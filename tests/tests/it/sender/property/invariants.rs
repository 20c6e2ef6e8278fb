//! What holds whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use engine::streams::FakeStream;
use shared::domain::facts::cart::CartState;
use shared::domain::facts::decision::{SendOutcome, Verdict};
use shared::domain::rules::contribution::{Campaigns, Funnel};
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;

use super::happenings::History;
use crate::sender::world::{World, acme, cart_id, phone_key};

/// What is counted, by the store day and the campaign.
pub(in crate::sender) type Funnels = BTreeMap<(String, String), Funnel>;

impl History {
    /// R16: of one episode Meta takes one message at most, and of one contact one within the cooldown. Whatever it
    /// took is a reminder of its episode: none that counts as skipped or refused. Whoever was erased gets none.
    pub(super) async fn nobody_is_written_to_twice(&self) {
        let table = &self.world.table;
        let (mut episodes, mut last) = (BTreeSet::new(), BTreeMap::new());
        for taken in self.world.outside.log() {
            if let Some(before) = last.insert(taken.to.clone(), taken.at) {
                let passed = taken.at.since(before);
                assert!(passed >= Span::hours(24), "{taken:?} comes {passed:?} after another");
            }
            if let Some((phone, at)) = self.erased {
                let is_theirs = phone.trim_start_matches('+') == taken.to;
                assert!(!is_theirs || taken.at <= at, "{taken:?} is to whom was erased at {at}");
            }
            let send = table.send(&taken.send_id).await.unwrap().unwrap();
            let held = table.decision(&acme(), &send.cart, send.episode).await.unwrap();
            let verdict = held.map(|held| held.verdict);
            let is_reminder = matches!(
                verdict,
                Some(Verdict::Reminded { send, .. }) if send != SendOutcome::Rejected
            );
            assert!(is_reminder, "{taken:?} is {verdict:?}");
            let is_first = episodes.insert((send.cart, send.episode));
            assert!(is_first, "{taken:?} is the second of its episode");
        }
    }

    /// R14: each episode has exactly one decision, and the message that Meta took is the reminder of its.
    pub(super) async fn every_episode_has_its_outcome(&self) {
        let world = &self.world;
        let mut reminded = 0;
        for (cart, episodes) in &self.episodes {
            for episode in episodes {
                let held = world.table.decision(&acme(), &cart_id(cart), *episode).await.unwrap();
                let held = held.unwrap_or_else(|| panic!("{cart:?} {episode} has no decision"));
                let accepted =
                    matches!(held.verdict, Verdict::Reminded { send: SendOutcome::Accepted, .. });
                let open = matches!(
                    held.verdict,
                    Verdict::Reminded { send: SendOutcome::Claimed | SendOutcome::Unknown, .. }
                );
                assert!(!open, "{cart:?} {episode} {held:?}");
                reminded += usize::from(accepted);
            }
            let last = world.cart(cart).await;
            let is_over = matches!(last.state, CartState::Closed | CartState::Unconfirmed);
            assert!(is_over, "{last:?}");
        }
        // Those of which an answer or a status told are counted, each once. The id of one that was erased is gone.
        let mut told = 0;
        for taken in world.outside.log() {
            let claimed = world.table.send(&taken.send_id).await.unwrap().unwrap();
            let digest = taken.reminder_id.digest(&phone_key());
            let stored = world.table.reminder(&acme(), &digest).await.unwrap();
            let sent = stored.and_then(|stored| stored.sent);
            assert!(sent.is_some() || claimed.reminder_id.is_none(), "{taken:?} is no reminder");
            if let Some(sent) = sent {
                assert_eq!((sent.sent_at, sent.day), (claimed.decided_at, claimed.day));
                told += 1;
            }
        }
        assert_eq!(told, reminded);
    }

    /// R14: the rollups hold what the decisions say, of each day, campaign and reason, and what was sent is counted as
    /// anybody's is.
    pub(super) async fn figures_are_those_of_the_decisions(&self) {
        let (counted, sent) = counted(&self.world).await;
        let mut told = Funnels::new();
        for (cart, episodes) in &self.episodes {
            for episode in episodes {
                let id = cart_id(cart);
                let held =
                    self.world.table.decision(&acme(), &id, *episode).await.unwrap().unwrap();
                if held.counts_nowhere() {
                    continue;
                }
                let campaign =
                    held.campaign_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
                let funnel = told.entry((held.day.to_string(), campaign)).or_default();
                match held.verdict {
                    Verdict::Skipped { reason, .. } => funnel.skipped.add(&reason, 1),
                    Verdict::HeldOut => funnel.held_out += 1,
                    Verdict::Reminded { send, .. } => {
                        funnel.reminded += 1;
                        match send {
                            SendOutcome::Claimed => {}
                            SendOutcome::Unknown => funnel.unknown += 1,
                            SendOutcome::Unconfirmed => funnel.unconfirmed += 1,
                            SendOutcome::Rejected => funnel.rejected += 1,
                            SendOutcome::Accepted => funnel.accepted += 1,
                        }
                    }
                }
            }
        }
        assert_eq!(counted, told);
        assert_eq!(sent, told.values().map(|funnel| funnel.accepted).sum::<i64>());
    }
}

/// What the rollups hold once the stream is read: the funnels, and how many reminders were sent.
pub(in crate::sender) async fn counted(world: &World) -> (Funnels, i64) {
    let mut shards = FakeStream::of(&world.engine, 3).unwrap();
    let rollup =
        rollup::Deps { table: world.table.clone(), clock: world.clock.clone(), single_shard: None };
    loop {
        shards.pull().unwrap();
        let ready = shards.ready();
        let batches: Vec<_> =
            ready.iter().filter_map(|shard| shards.batch(*shard, 0, 10_000)).collect();
        if batches.is_empty() && shards.is_done() {
            break;
        }
        for batch in batches {
            let answer = rollup::handle(&rollup, batch.event.clone()).await.unwrap();
            shards.settle(&batch, &answer);
        }
    }
    let day = |text| StoreDay::parse(text).unwrap();
    let period = Period::new(day("2026-10-01"), day("2027-03-01")).unwrap();
    let (mut funnels, mut sent) = (Funnels::new(), 0);
    for (cohort, totals) in world.table.rollups(&acme(), period).await.unwrap() {
        sent += totals.sent;
        let Campaigns::One(campaign) = &cohort.campaigns else { continue };
        if totals.funnel != Funnel::default() {
            let key = (cohort.day.to_string(), campaign.to_string());
            funnels.insert(key, totals.funnel);
        }
    }
    (funnels, sent)
}
