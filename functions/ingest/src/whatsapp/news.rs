//! What Meta tells of a business account: states of its templates (R19), and how much it may send.
//!
//! It names no phone number, so it is every account's that is connected to the business account. What is told of
//! templates folds by the instant of Meta's own clock (`entry.time`).

use serde_json::value::RawValue;
use shared::domain::facts::template::{Template as Told, TemplateState};
use shared::domain::values::account::Account;
use shared::domain::values::ids::WabaId;
use shared::domain::values::instant::Instant;
use shared::graph::template::Template;
use shared::store::templates::{TemplateTold, ToldWord};
use shared::store::{StoreError, Table};

use super::envelope::{News, text_or_number, word};

/// Bytes of a word of Meta's that is kept: its words are a few letters long.
const WORD_BYTES: usize = 100;

/// What is told, once it is understood.
#[derive(Debug, PartialEq, Eq)]
enum Understood {
    Template(Template, TemplateTold),
    Limits { daily: Option<u32>, is_fast: Option<bool> },
}

/// Notes what is told; `false` where that is nothing of ours.
pub(super) async fn note(table: &Table, now: Instant, news: &News<'_>) -> Result<bool, StoreError> {
    let waba = news.about.id.and_then(text_or_number).and_then(|id| WabaId::parse(&id).ok());
    let (Some(waba), Some(understood)) = (waba, understand(now, news)) else { return Ok(false) };
    let accounts = table.whatsapp_accounts(&waba).await?;
    for account in &accounts {
        note_for(table, account, &understood).await?;
    }
    Ok(!accounts.is_empty())
}

async fn note_for(
    table: &Table,
    account: &Account,
    understood: &Understood,
) -> Result<(), StoreError> {
    match understood {
        Understood::Template(Template { language, message_type }, told) => {
            table.template_fold(account, *language, *message_type, told).await?;
        }
        Understood::Limits { daily, is_fast } => {
            table.whatsapp_note_limits(account, *daily, *is_fast).await?;
        }
    }
    Ok(())
}

fn understand(now: Instant, news: &News<'_>) -> Option<Understood> {
    match news.field {
        "message_template_status_update" => {
            let state = TemplateState::of_word(&short(news.event)?);
            let told = Told { state, event_at: instant(now, news)? };
            let why = short(news.reason).filter(|reason| !reason.is_empty() && reason != "NONE");
            Some(Understood::Template(template(news)?, TemplateTold::State(told, why)))
        }
        "message_template_quality_update" => {
            let told = ToldWord { word: short(news.quality)?, at: instant(now, news)? };
            Some(Understood::Template(template(news)?, TemplateTold::Quality(told)))
        }
        "template_category_update" => {
            let told = ToldWord { word: short(news.category)?, at: instant(now, news)? };
            Some(Understood::Template(template(news)?, TemplateTold::Category(told)))
        }
        _ => {
            let daily = news.limit.and_then(text_or_number).and_then(|limit| daily_limit(&limit));
            let is_fast =
                (short(news.event).as_deref() == Some("THROUGHPUT_UPGRADE")).then_some(true);
            (daily.is_some() || is_fast.is_some()).then_some(Understood::Limits { daily, is_fast })
        }
    }
}

fn template(news: &News<'_>) -> Option<Template> {
    Template::named(&word(news.name)?, &word(news.language)?)
}

fn short(raw: Option<&RawValue>) -> Option<String> {
    word(raw).filter(|word| word.len() <= WORD_BYTES)
}

/// `entry.time`: whole epoch seconds.
fn instant(now: Instant, news: &News<'_>) -> Option<Instant> {
    let seconds = text_or_number(news.about.time?)?.parse::<i64>().ok()?;
    let at = Instant::from_millis(seconds.checked_mul(1_000)?);
    at.is_plausible(now).then_some(at)
}

/// How many people a number may write to within a day: a number, or the name of a tier. An unlimited one is as large as
/// any number.
fn daily_limit(text: &str) -> Option<u32> {
    let tier = text.strip_prefix("TIER_").unwrap_or(text);
    if tier == "UNLIMITED" {
        return Some(u32::MAX);
    }
    match tier.strip_suffix('K') {
        Some(thousands) => thousands.parse::<u32>().ok()?.checked_mul(1_000),
        None => tier.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::envelope::About;
    use super::*;
    use shared::domain::values::campaign::{Language, MessageType};

    const NOW: Instant = Instant::from_millis(1_795_348_800_000);

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    fn news(field: &'static str) -> News<'static> {
        News {
            field,
            about: About { id: Some(raw("\"1550\"")), time: Some(raw("1795000000")) },
            event: Some(raw("\"APPROVED\"")),
            name: Some(raw("\"cart_reminder_text_1\"")),
            language: Some(raw("\"en\"")),
            reason: Some(raw("\"NONE\"")),
            quality: Some(raw("\"GREEN\"")),
            category: Some(raw("\"UTILITY\"")),
            limit: Some(raw("\"TIER_1K\"")),
        }
    }

    #[test]
    fn a_template_event_in_another_language_spelling_matches() {
        let ours = Template { language: Language::EnUs, message_type: MessageType::Text };
        for spelling in ["\"en\"", "\"en_US\"", "\"en-US\"", "\"EN\""] {
            let news =
                News { language: Some(raw(spelling)), ..news("message_template_status_update") };
            let Some(Understood::Template(template, TemplateTold::State(told, why))) =
                understand(NOW, &news)
            else {
                unreachable!("{spelling}")
            };
            assert_eq!((template, told.state, why), (ours, TemplateState::Approved, None));
            assert_eq!(told.event_at, Instant::from_millis(1_795_000_000_000));
        }
        for strange in ["\"de\"", "\"pt_PT\"", "7"] {
            let news =
                News { language: Some(raw(strange)), ..news("message_template_status_update") };
            assert_eq!(understand(NOW, &news), None, "{strange}");
        }
    }

    #[test]
    fn what_is_not_told_as_meta_tells_it_is_nothing() {
        let field = "message_template_status_update";
        for news in [
            News { name: Some(raw("\"hello_world\"")), ..news(field) },
            News { event: None, ..news(field) },
            News { event: Some(raw("{}")), ..news(field) },
            News { about: About { id: Some(raw("\"1\"")), time: None }, ..news(field) },
            News {
                about: About { id: Some(raw("\"1\"")), time: Some(raw("99999999999")) },
                ..news(field)
            },
        ] {
            assert_eq!(understand(NOW, &news), None);
        }
    }

    #[test]
    fn limits_are_numbers_or_tiers() {
        for (text, expected) in [
            ("TIER_250", Some(250)),
            ("TIER_1K", Some(1_000)),
            ("TIER_100K", Some(100_000)),
            ("TIER_UNLIMITED", Some(u32::MAX)),
            ("2000", Some(2_000)),
            ("TIER_NOT_SET", None),
            ("-1", None),
        ] {
            assert_eq!(daily_limit(text), expected, "{text}");
        }
        let upgrade = News {
            event: Some(raw("\"THROUGHPUT_UPGRADE\"")),
            limit: None,
            ..news("phone_number_quality_update")
        };
        let fast = Understood::Limits { daily: None, is_fast: Some(true) };
        assert_eq!(understand(NOW, &upgrade), Some(fast));
    }
}
