//! Whom a body that was kept aside names: what stands at the places at which its kind of item has
//! identities, and nowhere else. A text that happens to be equal elsewhere names nobody.

use serde_json::Value;

use super::Aside;
use domain::values::identity::alias::Identity;
use domain::values::identity::{OrderFormId, PhoneKey, Phones, UserId};
use domain::values::ids::{ReminderDigest, ReminderId};
use domain::values::instant::Instant;

/// Where items of these endpoints come in.
const EVENTS: &str = "events";
const WHATSAPP: &str = "whatsapp";

/// What an item kept aside names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AsideNames {
    /// Identities of shoppers.
    pub identities: Vec<Identity>,
    /// Reminders.
    pub reminders: Vec<ReminderDigest>,
    /// When what it tells began, where it says so.
    pub began: Option<Instant>,
}

impl Aside {
    /// Whom the item names; none when it can't be told, since it isn't what its endpoint takes.
    #[must_use]
    pub fn names(&self, phones: Phones<'_>) -> Option<AsideNames> {
        let key = phones.key();
        let body: Value = serde_json::from_str(&self.body).ok()?;
        let mut names = AsideNames::default();
        match self.source.as_str() {
            EVENTS => {
                let data = body.pointer("/item/data").filter(|data| data.is_object())?;
                let text = |name: &str| data.get(name).and_then(Value::as_str);
                names.identities.extend(text("userId").and_then(user));
                names.identities.extend(text("phone").and_then(|phone| digested(phones, phone)));
                names.identities.extend(text("orderFormId").and_then(cart));
                names.reminders.extend(text("reminderId").and_then(|id| reminder(key, id)));
                let created = text("createdAt");
                let began = created.or_else(|| body.pointer("/item/time").and_then(Value::as_str));
                names.began = began.and_then(|at| Instant::parse_rfc3339(at).ok());
            }
            WHATSAPP => {
                let item = body.get("item").filter(|item| item.is_object())?;
                let text = |path: &str| item.pointer(path).and_then(Value::as_str);
                // International numbers, without the sign.
                let numbers = ["/recipient_id", "/from"].into_iter().filter_map(text);
                let numbers = numbers.map(|number| format!("+{}", number.trim_start_matches('+')));
                names.identities.extend(numbers.filter_map(|number| digested(phones, &number)));
                let reminders = ["/id", "/context/id"].into_iter().filter_map(text);
                names.reminders.extend(reminders.filter_map(|id| reminder(key, id)));
                let seconds = text("/timestamp").and_then(|text| text.parse::<i64>().ok());
                names.began =
                    seconds.and_then(|at| Some(Instant::from_millis(at.checked_mul(1_000)?)));
            }
            // A notification of VTEX's names an order, a record of the stream a fact's key.
            _ => {}
        }
        Some(names)
    }
}

fn user(text: &str) -> Option<Identity> {
    UserId::optional(text).ok().flatten().map(Identity::User)
}

fn cart(text: &str) -> Option<Identity> {
    OrderFormId::optional(text).ok().flatten().map(Identity::Cart)
}

fn digested(phones: Phones<'_>, text: &str) -> Option<Identity> {
    phones.digest(text).map(Identity::Phone)
}

fn reminder(key: &PhoneKey, id: &str) -> Option<ReminderDigest> {
    ReminderId::parse(id).ok().map(|id| id.digest(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use domain::values::phone::CountryCode;

    use super::*;

    fn aside(source: &str, body: &str) -> Aside {
        Aside {
            received_at: Instant::from_millis(0),
            source: source.to_owned(),
            code: "invalid-field".to_owned(),
            field: None,
            body: body.to_owned(),
        }
    }

    fn named(source: &str, body: &str) -> Vec<String> {
        let key = PhoneKey::new("key");
        let phones = key.in_country(CountryCode::BRAZIL);
        let names = aside(source, body).names(phones).unwrap_or_default();
        let identities = names.identities.iter().map(|named| named.value().to_owned());
        identities.chain(names.reminders.iter().map(ToString::to_string)).collect()
    }

    #[test]
    fn identities_are_found_in_their_places_in_any_notation() {
        let key = PhoneKey::new("key");
        let phone =
            key.in_country(CountryCode::BRAZIL).digest("+5561999990001").unwrap().to_string();
        let wamid = ReminderId::parse("wamid.1").unwrap().digest(&key).to_string();
        for (source, body, expected) in [
            (EVENTS, r#"{"item":{"data":{"userId":"ana"}}}"#, "ana"),
            (EVENTS, r#"{"item":{"data":{"phone":"+55 (61) 99999-0001"}}}"#, &phone),
            (EVENTS, r#"{"item":{"data":{"phone":"(61) 99999-0001"}}}"#, &phone),
            (EVENTS, r#"{"item":{"data":{"orderFormId":"0F1E-2D3C"}}}"#, "0f1e2d3c"),
            (EVENTS, r#"{"item":{"data":{"reminderId":"wamid.1"}}}"#, &wamid),
            (WHATSAPP, r#"{"item":{"recipient_id":"5561999990001"}}"#, &phone),
            // As `WhatsApp` names an older number.
            (WHATSAPP, r#"{"item":{"from":"556199990001"}}"#, &phone),
            (WHATSAPP, r#"{"item":{"id":"wamid.1"}}"#, &wamid),
            (WHATSAPP, r#"{"item":{"context":{"id":"wamid.1"}}}"#, &wamid),
        ] {
            assert_eq!(named(source, body), [expected], "{body}");
        }
    }

    /// An order that is called as some field is, or a text elsewhere, names nobody.
    #[test]
    fn equal_texts_in_other_places_name_nobody() {
        for (source, body) in [
            (EVENTS, r#"{"item":{"data":{"orderGroup":"statuses","note":"ana"},"source":"ana"}}"#),
            (WHATSAPP, r#"{"list":"statuses","item":{"type":"ana","text":{"body":"ana"}}}"#),
            ("vtex", r#"{"item":{"OrderId":"1","userId":"ana"}}"#),
            ("rollup", r#"{"dynamodb":{"Keys":{"pk":{"S":"ana"}}}}"#),
        ] {
            assert_eq!(named(source, body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn what_is_no_item_of_its_kind_cannot_be_told() {
        let key = PhoneKey::new("key");
        for (source, body) in [
            (EVENTS, "no JSON: ana"),
            (EVENTS, r#"{"item":{"data":"ana"}}"#),
            (EVENTS, r#"{"item":null}"#),
            (WHATSAPP, r#"{"item":["ana"]}"#),
        ] {
            assert_eq!(
                aside(source, body).names(key.in_country(CountryCode::BRAZIL)),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn it_began_when_it_says() {
        let key = PhoneKey::new("key");
        let phones = key.in_country(CountryCode::BRAZIL);
        let began = |source, body| aside(source, body).names(phones).unwrap().began;
        let at = |text| Instant::parse_rfc3339(text).ok();
        let event = r#"{"item":{"time":"2026-11-01T00:00:00Z","data":{}}}"#;
        assert_eq!(began(EVENTS, event), at("2026-11-01T00:00:00Z"));
        let order = r#"{"item":{"time":"2026-11-01T00:00:00Z",
            "data":{"createdAt":"2026-10-01T00:00:00Z"}}}"#;
        assert_eq!(began(EVENTS, order), at("2026-10-01T00:00:00Z"));
        let status = r#"{"item":{"timestamp":"1793491200"}}"#;
        assert_eq!(began(WHATSAPP, status), Some(Instant::from_millis(1_793_491_200_000)));
        assert_eq!(began(EVENTS, r#"{"item":{"data":{}}}"#), None);
    }
}
