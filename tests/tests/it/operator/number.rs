//! Confirming and moving phone numbers.

use engine::faults::{Fault, Faults};
use ops::number::{Confirmation, NumberError, confirm, move_to};
use shared::domain::values::account::AccountSettings;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::span::Span;
use shared::store::phone_numbers::NumberMoved;

use crate::store::told::{status, value, webhook};
use crate::store::{NOW_SECS, Store, by_operator, settings};

const CLAIMED: &str = "222";

fn number() -> PhoneNumberId {
    PhoneNumberId::parse(CLAIMED).unwrap()
}

async fn receive(store: &Store, id: &str) {
    let mut value = value(&[status(id, "read", NOW_SECS)], &[]);
    value["metadata"]["phone_number_id"] = CLAIMED.into();
    store.whatsapp(webhook(&value).to_string()).await.is_ok();
}

async fn claim(store: &Store) {
    let settings = settings(store.account.as_str(), CLAIMED);
    store.table.account_write(&store.account, &settings, &by_operator()).await.unwrap();
}

/// Two stores that claim a number, for which something came before and after.
async fn claimed() -> (Store, Store) {
    let acme = Store::open().await;
    let bela = acme.beside("bela", "333", 8).await;
    receive(&acme, "wamid.before").await;
    claim(&acme).await;
    claim(&bela).await;
    receive(&acme, "wamid.1").await;
    receive(&acme, "wamid.2").await;
    (acme, bela)
}

async fn confirmed(store: &Store) -> Result<Confirmation, NumberError> {
    confirm(&store.intake(), &store.account, &number(), || {}).await
}

/// All that came for the number is the store's, and nothing of it is left with the other.
async fn check(acme: &Store, bela: &Store) {
    for id in ["wamid.before", "wamid.1", "wamid.2"] {
        assert!(acme.reminder(id).await.unwrap().read_at.is_some(), "{id}");
        assert_eq!(bela.reminder(id).await, None, "{id}");
    }
    let left = (acme.asides().await, bela.asides().await, acme.strays().await);
    assert_eq!(left, (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_confirmation_replays_what_was_kept_aside() {
    let (acme, bela) = claimed().await;
    // A claim replays nothing, however often it is asked to.
    let what = ingest::replay::Replay::default();
    ingest::replay::replay(&bela.intake().orders, &bela.account, &what, || {}).await.unwrap();
    assert_eq!(bela.asides().await.len(), 2);
    assert_eq!(bela.reminder("wamid.1").await, None);

    let told = confirmed(&acme).await.unwrap();
    let replayed: Vec<_> = told.replayed.into_iter().collect();
    assert_eq!(
        replayed,
        [
            (("stored", "number-pending".to_owned()), 2),
            (("stored", "unknown-phone-number".to_owned()), 1)
        ]
    );
    assert_eq!(told.others, [(bela.account.clone(), 2)]);
    check(&acme, &bela).await;
    // What comes from now on is its own at once.
    receive(&acme, "wamid.3").await;
    assert!(acme.reminder("wamid.3").await.is_some());
    // Doing it again changes nothing.
    let again = confirmed(&acme).await.unwrap();
    assert!(again.replayed.is_empty());
    let refused = confirmed(&bela).await.unwrap_err();
    assert!(matches!(&refused, NumberError::Taken(owner) if *owner == acme.account), "{refused}");
}

#[tokio::test]
async fn a_confirmation_leaves_other_numbers_and_reasons_alone() {
    let (acme, bela) = claimed().await;
    let mut other = value(&[status("wamid.9", "read", NOW_SECS)], &[]);
    other["metadata"]["phone_number_id"] = "444".into();
    let mut claims = settings("acme", CLAIMED);
    claims.phone_number_ids.push(PhoneNumberId::parse("444").unwrap());
    acme.table.account_write(&acme.account, &claims, &by_operator()).await.unwrap();
    acme.whatsapp(webhook(&other).to_string()).await.is_ok();
    bela.event(&serde_json::json!({})).await.is_ok();
    confirmed(&acme).await.unwrap();
    assert_eq!((acme.asides().await.len(), bela.asides().await.len()), (1, 1));
    assert_eq!(acme.reminder("wamid.9").await, None);
}

#[tokio::test]
async fn a_confirmation_that_crashes_is_taken_up() {
    for call in 0.. {
        let (acme, bela) = claimed().await;
        let faults =
            Faults::planned(move |made| (made.number == call).then_some(Fault::CrashAfter));
        let table = acme.engine.table_through(faults.around(acme.engine.http()), 1);
        let intake = acme.through(table).intake();
        let number = number();
        let died = tokio::select! {
            biased;
            done = confirm(&intake, &acme.account, &number, || {}) => {
                done.unwrap();
                false
            }
            () = faults.crashed() => true,
        };
        confirmed(&acme).await.unwrap();
        check(&acme, &bela).await;
        if !died {
            assert!(call > 10, "{call} calls");
            break;
        }
    }
}

#[tokio::test]
async fn a_moved_number_brings_its_later_facts_to_the_other_account() {
    let (acme, bela) = claimed().await;
    confirmed(&acme).await.unwrap();
    let owner = move_to(&acme.table, &number(), &bela.account).await.unwrap();
    assert_eq!(owner, NumberMoved::From(Some(acme.account.clone())));
    // It is believed to be the old one's for a minute.
    acme.pass(Span::seconds(60));
    receive(&acme, "wamid.3").await;
    assert_eq!(acme.reminder("wamid.3").await, None);
    assert!(bela.reminder("wamid.3").await.is_some());
    // What came before stays where it is counted.
    assert!(acme.reminder("wamid.1").await.is_some());
    assert_eq!(bela.reminder("wamid.1").await, None);
    let again = move_to(&acme.table, &number(), &bela.account).await.unwrap();
    assert_eq!(again, NumberMoved::Already);
}

/// Others may have taken every place for a claim.
#[tokio::test]
async fn a_number_that_nobody_has_can_be_moved_to_its_owner() {
    let (acme, bela) = claimed().await;
    let owner = move_to(&acme.table, &number(), &acme.account).await.unwrap();
    assert_eq!(owner, NumberMoved::From(None));
    // What was kept aside for it counts, and leaves whom it isn't for, by the confirmation.
    confirmed(&acme).await.unwrap();
    check(&acme, &bela).await;
}

/// Who takes a claim back keeps nothing of another store's shoppers beyond the confirmation.
#[tokio::test]
async fn a_confirmation_forgets_what_former_claims_collected() {
    let (acme, bela) = claimed().await;
    let held = bela.table.account(&bela.account).await.unwrap().unwrap().settings;
    let others = held.phone_number_ids.iter().filter(|id| **id != number()).cloned().collect();
    let left = AccountSettings { phone_number_ids: others, ..held };
    bela.table.account_write(&bela.account, &left, &by_operator()).await.unwrap();
    assert!(!acme.table.phone_number(&number()).await.unwrap().claimants.contains(&bela.account));
    confirmed(&acme).await.unwrap();
    check(&acme, &bela).await;
    assert!(acme.table.phone_number(&number()).await.unwrap().former.is_empty());
}
