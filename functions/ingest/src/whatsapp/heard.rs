//! What an item says of the person behind it: that they want no messages, or want them again; that Meta asks to leave
//! them alone (R18); whose a business-scoped user id is. And that Meta takes nothing of the account at present.
//!
//! It is told beside what the item means as a fact. A chat message is read no further than to see whether its whole
//! text is a stop word, and no text is kept.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::facts::cart::SendId;
use shared::domain::facts::contact::{Opt, SuppressionCode};
use shared::domain::rules::answer::{Action, Answer, Consequence, action};
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::{BusinessUserId, ContactId};
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::domain::values::stop_word::is_stop_word;
use shared::graph::message::send_of;
use shared::intake::CONCURRENT_WRITES;
use shared::store::whatsapp::Blocked;
use shared::store::{StoreError, Table};
use shared::telemetry::{Counter, count};

use super::envelope::{Found, WebhookList, object, text_or_number, word};

/// What was heard of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    who: Who,
    said: Said,
    /// Our send that it is about, where a status names one: that knows whom the message was for, also where the
    /// status names nobody.
    send: Option<SendId>,
}

/// Whom an item is about, as `WhatsApp` writes it. It must not reach a log.
#[derive(Clone, PartialEq, Eq)]
struct Who {
    phone: Option<String>,
    user: Option<String>,
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Who(…)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// That they want no messages, or want them again.
    Wish(Opt, Instant),
    /// That Meta asks to leave them alone.
    LeaveAlone(Instant, Span, SuppressionCode),
    /// That Meta takes nothing of the account.
    Blocked(Blocked),
    /// No more than who they are.
    Nothing,
}

#[derive(Deserialize)]
struct StatusItem<'a> {
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    recipient_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    recipient_user_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    biz_opaque_callback_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorItem {
    code: u32,
}

#[derive(Deserialize)]
struct MessageItem<'a> {
    #[serde(borrow, default)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    from: Option<&'a RawValue>,
    #[serde(borrow, default)]
    from_user_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TextItem<'a> {
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PreferenceItem<'a> {
    #[serde(borrow, default)]
    wa_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    category: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
}

impl Who {
    /// None where the item names nobody.
    fn of(phone: Option<&RawValue>, user: Option<&RawValue>) -> Option<Self> {
        let named =
            |raw: Option<&RawValue>| raw.and_then(text_or_number).filter(|id| !id.is_empty());
        let (phone, user) = (named(phone), named(user));
        (phone.is_some() || user.is_some()).then_some(Self { phone, user })
    }

    /// The contact behind the number: with its sign it is international, whatever the store's country.
    fn contact(&self, key: &PhoneKey) -> Option<ContactId> {
        let phone = Phone::parse(&format!("+{}", self.phone.as_ref()?), CountryCode::BRAZIL)?;
        Some(key.contact(&phone))
    }

    fn business_user(&self, key: &PhoneKey) -> Option<BusinessUserId> {
        Some(key.business_user(self.user.as_ref()?))
    }
}

/// What an item says of the person behind it; none where that is nothing, or can't be read. `stops` says whether a tap
/// is one on the stop button.
pub(super) fn read(now: Instant, found: &Found<'_>, stops: impl Fn(&str) -> bool) -> Option<Heard> {
    let item = found.item.get();
    match found.list {
        WebhookList::Statuses => status(now, item),
        WebhookList::Messages => message(now, item, stops),
        WebhookList::Preferences => preference(now, item),
    }
}

fn status(now: Instant, item: &str) -> Option<Heard> {
    // Most statuses say nothing of the kind: they are looked at no further.
    if !item.contains("\"failed\"") && !item.contains("recipient_user_id") {
        return None;
    }
    let status: StatusItem<'_> = object(item)?;
    let send = word(status.biz_opaque_callback_data).and_then(|callback| send_of(&callback));
    let who = Who::of(status.recipient_id, status.recipient_user_id);
    // Whoever hides their number is named by the send alone.
    let who = who.or_else(|| send.is_some().then_some(Who { phone: None, user: None }))?;
    match word(status.status)?.as_str() {
        "failed" => {
            let errors: Vec<ErrorItem> = serde_json::from_str(status.errors?.get()).ok()?;
            let at = instant(now, status.timestamp)?;
            let said = errors.iter().find_map(|error| of_code(error.code, at))?;
            Some(Heard { who, said, send })
        }
        // Once for each message of ours: whose the id is.
        "sent" if who.phone.is_some() && who.user.is_some() => {
            send.map(|_| Heard { who, said: Said::Nothing, send: None })
        }
        _ => None,
    }
}

/// What the code of a message that failed says beyond it (SENDING 5): it is sent again in no case.
fn of_code(code: u32, at: Instant) -> Option<Said> {
    match action(Answer::Code(code), 1) {
        Action::Rejected(Consequence::OptOut) => Some(Said::Wish(Opt::Out, at)),
        Action::Rejected(Consequence::Suppress(span)) => Some(Said::LeaveAlone(at, span, code)),
        Action::Blocked => Some(Said::Blocked(Blocked { code, since: at })),
        _ => None,
    }
}

fn message(now: Instant, item: &str, stops: impl Fn(&str) -> bool) -> Option<Heard> {
    let message: MessageItem<'_> = object(item)?;
    let said_stop = match word(message.r#type)?.as_str() {
        "text" => {
            let text: TextItem<'_> = object(message.text?.get())?;
            word(text.body).is_some_and(|text| is_stop_word(&text))
        }
        "button" | "interactive" => stops(item),
        _ => false,
    };
    if !said_stop {
        return None;
    }
    let who = Who::of(message.from, message.from_user_id)?;
    let said = Said::Wish(Opt::Out, instant(now, message.timestamp)?);
    Some(Heard { who, said, send: None })
}

fn preference(now: Instant, item: &str) -> Option<Heard> {
    let preference: PreferenceItem<'_> = object(item)?;
    if word(preference.category)? != "marketing_messages" {
        return None;
    }
    let opt = match word(preference.value)?.as_str() {
        "stop" => Opt::Out,
        "resume" => Opt::In,
        _ => return None,
    };
    let who = Who::of(preference.wa_id, preference.user_id)?;
    let said = Said::Wish(opt, instant(now, preference.timestamp)?);
    Some(Heard { who, said, send: None })
}

/// Whole epoch seconds. A wish has no age at which it counts no more.
fn instant(now: Instant, raw: Option<&RawValue>) -> Option<Instant> {
    let text = text_or_number(raw?)?;
    let seconds = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>());
    let at = Instant::from_millis(seconds?.ok()?.checked_mul(1_000)?);
    at.is_plausible(now).then_some(at)
}

/// Where what was heard is kept.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    /// The table.
    pub table: &'a Table,
    /// The key of contacts.
    pub phone_key: &'a PhoneKey,
}

impl Listener<'_> {
    /// Keeps what was heard for an account, through one of its phone numbers. Keeping it again changes nothing.
    pub async fn keep(
        self,
        account: &Account,
        number: Option<&PhoneNumberId>,
        heard: &Heard,
    ) -> Result<(), StoreError> {
        let Self { table, phone_key } = self;
        let (contact, user) = (heard.who.contact(phone_key), heard.who.business_user(phone_key));
        // Its number may be written in another way than the one that we wrote to: the send knows that one, too.
        let sent_to = self.sent_to(account, heard).await?;
        if let (Some(contact), Some(user)) = (contact.as_ref().or(sent_to.as_ref()), &user) {
            table.business_user_learn(account, user, contact).await?;
        }
        match heard.said {
            Said::Nothing => {}
            Said::Blocked(blocked) => {
                if let Some(number) = number {
                    let written = table.whatsapp_block(account, number, blocked).await?;
                    count(Counter::AccountsBlocked, u64::from(written.is_changed()));
                }
            }
            Said::LeaveAlone(at, span, code) => {
                for contact in [contact, sent_to].into_iter().flatten() {
                    table.contact_suppress(account, &contact, (at, span, code)).await?;
                }
            }
            Said::Wish(opt, at) => {
                if let Some(user) = user {
                    table.business_user_opt(account, &user, opt, at).await?;
                }
                for contact in [contact, sent_to].into_iter().flatten() {
                    table.contact_opt(account, &contact, opt, at).await?;
                }
            }
        }
        Ok(())
    }

    /// The contact that our message was for, where a status names its send and the contact isn't the one that the
    /// status itself names.
    async fn sent_to(
        self,
        account: &Account,
        heard: &Heard,
    ) -> Result<Option<ContactId>, StoreError> {
        let Some(send) = &heard.send else { return Ok(None) };
        let send = self.table.send(send).await?.filter(|send| send.account == *account);
        let named = heard.who.contact(self.phone_key);
        Ok(send.map(|send| send.contact).filter(|contact| named.as_ref() != Some(contact)))
    }

    /// Keeps all of it, or an error.
    pub(super) async fn keep_all(
        self,
        heard: Vec<(Account, Option<PhoneNumberId>, Heard)>,
    ) -> Result<(), StoreError> {
        stream::iter(heard)
            .map(|(account, number, heard)| async move {
                self.keep(&account, number.as_ref(), &heard).await
            })
            .buffer_unordered(CONCURRENT_WRITES)
            .try_collect()
            .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const NOW: Instant = Instant::from_millis(1_795_348_800_000);

    fn heard(list: WebhookList, item: &str) -> Option<Said> {
        let item: &RawValue = serde_json::from_str(item).unwrap();
        let found = Found { phone_number_id: None, list, item };
        read(NOW, &found, |item| item.contains("PARAR")).map(|heard| heard.said)
    }

    const fn out() -> Said {
        Said::Wish(Opt::Out, Instant::from_millis(1_795_000_000_000))
    }

    #[test]
    fn a_message_is_a_wish_where_its_whole_text_is_a_stop_word() {
        let said = |kind: &str, text: &str| {
            let item = format!(
                r#"{{"type": "{kind}", "from": "551185550101", "timestamp": "1795000000",
                "text": {{"body": "{text}"}}}}"#
            );
            heard(WebhookList::Messages, &item)
        };
        for text in ["PARAR", "sair", "Stop!", "BAJA", " alto "] {
            assert_eq!(said("text", text), Some(out()), "{text}");
        }
        for text in ["quero parar", "", "ok", "stop it"] {
            assert_eq!(said("text", text), None, "{text}");
        }
        assert_eq!(said("image", "PARAR"), None);
    }

    #[test]
    fn what_names_nobody_or_no_instant_says_nothing() {
        for item in [
            r#"{"type": "text", "timestamp": "1795000000", "text": {"body": "STOP"}}"#,
            r#"{"type": "text", "from": "551185550101", "text": {"body": "STOP"}}"#,
            r#"{"type": "text", "from": "551185550101", "timestamp": "-1", "text": {"body": "STOP"}}"#,
            r#"{"type": "text", "from": "551185550101", "timestamp": "9999999999", "text": {"body": "STOP"}}"#,
            r#"{"type": "text", "from": "551185550101", "timestamp": "1795000000", "text": "STOP"}"#,
            "[]",
        ] {
            assert_eq!(heard(WebhookList::Messages, item), None, "{item}");
        }
    }

    #[test]
    fn a_preference_is_a_wish_either_way() {
        let said = |category: &str, value: &str| {
            let item = format!(
                r#"{{"wa_id": "551185550101", "category": "{category}", "value": "{value}", "timestamp": 1795000000}}"#
            );
            heard(WebhookList::Preferences, &item)
        };
        assert_eq!(said("marketing_messages", "stop"), Some(out()));
        let back = Some(Said::Wish(Opt::In, Instant::from_millis(1_795_000_000_000)));
        assert_eq!(said("marketing_messages", "resume"), back);
        assert_eq!(said("marketing_messages", "maybe"), None);
        assert_eq!(said("other", "stop"), None);
    }

    #[test]
    fn a_later_failed_code_says_what_the_answer_would_have_said() {
        let said = |code: u32| {
            let item = format!(
                r#"{{"id": "w", "status": "failed", "recipient_id": "551185550101", "timestamp": "1795000000",
                "errors": [{{"code": {code}, "title": "t"}}]}}"#
            );
            heard(WebhookList::Statuses, &item)
        };
        let at = Instant::from_millis(1_795_000_000_000);
        assert_eq!(said(131_050), Some(out()));
        assert_eq!(said(131_026), Some(Said::LeaveAlone(at, Span::days(30), 131_026)));
        assert_eq!(said(131_049), Some(Said::LeaveAlone(at, Span::days(1), 131_049)));
        assert_eq!(said(131_042), Some(Said::Blocked(Blocked { code: 131_042, since: at })));
        for code in [131_000, 130_429, 132_001, 100] {
            assert_eq!(said(code), None, "{code}");
        }
    }

    #[test]
    fn a_failed_status_that_names_our_send_says_so_without_a_phone() {
        let said = |callback: &str| {
            let item = format!(
                r#"{{"id": "w", "status": "failed", "timestamp": "1795000000",
                "biz_opaque_callback_data": "{callback}", "errors": [{{"code": 131050}}]}}"#
            );
            heard(WebhookList::Statuses, &item)
        };
        assert_eq!(said("s1.CAgICAgICAgICAgICAgICA"), Some(out()));
        for other in ["", "theirs", "t1"] {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn whose_an_id_is_is_learned_from_our_own_messages_alone() {
        let said = |callback: &str| {
            let item = format!(
                r#"{{"id": "w", "status": "sent", "timestamp": "1795000000", "recipient_id": "551185550101",
                "recipient_user_id": "BR.1", "biz_opaque_callback_data": "{callback}"}}"#
            );
            heard(WebhookList::Statuses, &item)
        };
        assert_eq!(said("s1.CAgICAgICAgICAgICAgICA"), Some(Said::Nothing));
        for other in ["", "theirs", "t1"] {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn nobody_is_printed() {
        let item = r#"{"type": "text", "from": "551185550101", "from_user_id": "BR.1", "timestamp": "1795000000",
            "text": {"body": "STOP"}}"#;
        let item: &RawValue = serde_json::from_str(item).unwrap();
        let found = Found { phone_number_id: None, list: WebhookList::Messages, item };
        let printed = format!("{:?}", read(NOW, &found, |_| false).unwrap());
        assert!(!printed.contains("5555") && !printed.contains("BR.1"), "{printed}");
    }
}
