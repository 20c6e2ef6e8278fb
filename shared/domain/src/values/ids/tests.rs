#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

#[test]
fn ids_are_what_a_table_key_can_hold() {
    for id in ["a", "wamid.HBgMNTU2MTk5OTk5MDAwMRUCABEYEjA=", "1172452900788-01", "~!/+=&"] {
        assert_eq!(ReminderId::parse(id).unwrap().as_str(), id);
    }
    assert!(ReminderId::parse(&"x".repeat(200)).is_ok());
    assert!(ReminderId::parse(&"x".repeat(201)).is_err());
    for id in ["", "a#b", "a%23", "a b", "a\n", "\u{7f}", "\u{e9}", "\u{1f6d2}"] {
        assert!(ReminderId::parse(id).is_err(), "{id:?}");
        assert!(ClickId::parse(id).is_err() && OrderGroup::parse(id).is_err(), "{id:?}");
        assert!(OrderId::parse(id).is_err() && CampaignId::parse(id).is_err(), "{id:?}");
    }
}

#[test]
fn ids_of_ours_are_held_to_their_lengths() {
    assert!(CampaignId::parse(&"x".repeat(50)).is_ok());
    assert!(CampaignId::parse(&"x".repeat(51)).is_err());
    assert!(CampaignId::parse("a.b").is_err());
    assert!(LinkToken::parse(&"-_aZ9".repeat(4)).is_ok());
    assert!(LinkToken::parse(&"x".repeat(19)).is_err());
    assert!(LinkToken::parse(&"x".repeat(64)).is_ok());
    assert!(LinkToken::parse(&"x".repeat(65)).is_err());
    assert!(LinkToken::parse(&"x/".repeat(10)).is_err());
    assert!(PhoneNumberId::parse(&"1".repeat(50)).is_ok());
    assert!(PhoneNumberId::parse(&"1".repeat(51)).is_err());
    assert!(PhoneNumberId::parse("12a").is_err());
}

#[test]
fn a_link_click_is_its_token_and_whole_second() {
    let token = LinkToken::parse(&"x".repeat(64)).unwrap();
    let click = ClickId::of_link(&token, 1_793_534_400);
    assert_eq!(click.as_str(), format!("{}.1793534400", token.as_str()));
    // What is made without a check would pass it.
    for made in [click.as_str(), ClickId::of_link(&token, i64::MIN).as_str()] {
        assert!(ClickId::parse(made).is_ok(), "{made}");
    }
    let tag = crate::values::account::Account::parse("acme").unwrap().tag();
    let token = LinkToken::new(&[0xff; 16], &tag);
    assert_eq!(LinkToken::parse(token.as_str()).unwrap().account_tag(), Some(tag.as_str()));
    let untagged = LinkToken::parse(&token.as_str()[..22]).unwrap();
    assert_eq!(untagged.account_tag(), None);
    let campaign = CampaignId::new(Instant::from_millis(0), &[0xff; 10]);
    assert!(CampaignId::parse(campaign.as_str()).is_ok());
}

#[test]
fn what_is_read_back_is_checked_again() {
    let id: OrderGroup = serde_json::from_str("\"o-1\"").unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"o-1\"");
    let error = serde_json::from_str::<OrderGroup>("\"o#1\"").unwrap_err().to_string();
    assert!(error.starts_with("orderGroup must be 1-200 visible ASCII"), "{error}");
}

#[test]
fn what_is_private_is_not_printed() {
    let token = LinkToken::parse(&"x".repeat(64)).unwrap();
    let user = crate::values::identity::UserId::parse("ana@shop.example").unwrap();
    assert_eq!(format!("{token:?} {user:?}"), "LinkToken(…) UserId(…)");
}
