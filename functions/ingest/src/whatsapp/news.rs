//! What Meta tells of a business account: states of its templates (R19), how much it may send, and which way.
//!
//! It names no phone number, so it is every account's that is connected to the business account. What is told
//! folds by the instant of Meta's own clock (`entry.time`).

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::facts::template::{Template as Told, TemplateState};
use shared::domain::values::account::Account;
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::ids::WabaId;
use shared::domain::values::instant::Instant;
use shared::graph::template::Template;
use shared::store::templates::{TemplateTold, ToldWord};
use shared::store::{StoreError, Table};

use super::envelope::{News, object, text_or_number, word};

/// What tells of a phone number.
const NUMBER_FIELD: &str = "phone_number_quality_update";
/// Bytes of a word of Meta's that is kept: its words are a few letters long.
const WORD_BYTES: usize = 100;

/// What is told, once it is understood.
#[derive(Debug, PartialEq, Eq)]
enum Understood {
    Template(Template, TemplateTold),
    /// It has Marketing Messages since.
    Marketing(Instant),
    Limits {
        daily: Option<DailyLimit>,
        is_fast: bool,
        at: Instant,
    },
}

/// Notes what is told; `false` where that is nothing of ours.
pub(super) async fn note(table: &Table, now: Instant, news: &News<'_>) -> Result<bool, StoreError> {
    let (Some(waba), Some(understood)) = (waba(news), understand(now, news)) else {
        return Ok(false);
    };
    let accounts = table.whatsapp_accounts(&waba).await?;
    for account in &accounts {
        note_for(table, account, &understood).await?;
    }
    Ok(!accounts.is_empty())
}

/// Which business account something is told of: the entry's, but where `waba_info` names one. What is told of an account
/// and its provider can come under the provider's id (Meta, *Marketing Messages API for `WhatsApp`: Onboard*, "Terms of
/// Service signed webhook").
fn waba(news: &News<'_>) -> Option<WabaId> {
    #[derive(Deserialize)]
    struct Info<'a> {
        #[serde(borrow)]
        waba_id: Option<&'a RawValue>,
    }
    let info = news.waba_info.and_then(|info| object::<Info<'_>>(info.get()));
    let named = info.and_then(|info| info.waba_id);
    WabaId::parse(&text_or_number(named.or(news.about.id)?)?).ok()
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
        Understood::Marketing(at) => {
            table.whatsapp_note_marketing(account, true, *at).await?;
        }
        Understood::Limits { daily, is_fast, at } => {
            table.whatsapp_note_limits(account, (*daily, *is_fast), *at).await?;
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
        "account_update" => {
            // The only one of its events that is ours: Meta tells of none that takes it back.
            let signed = short(news.event).as_deref() == Some("MM_LITE_TERMS_SIGNED");
            signed.then_some(Understood::Marketing(instant(now, news)?))
        }
        _ => {
            let (daily, is_fast) = (daily_limit(news), is_upgrade(news));
            let is_told = daily.is_some() || is_fast;
            let at = instant(now, news)?;
            is_told.then_some(Understood::Limits { daily, is_fast, at })
        }
    }
}

/// How much may be sent within a day: the first of the fields that names a limit. Meta announced that only
/// `max_daily_conversations_per_business` stays beyond February 2026. In a phone number's news `TIER_UNLIMITED` says
/// that its throughput was raised, in whatever field, and nothing of its limit (Meta, *`phone_number_quality_update`
/// webhook reference*).
fn daily_limit(news: &News<'_>) -> Option<DailyLimit> {
    let is_of_number = news.field == NUMBER_FIELD;
    let limits = news.limits.into_iter().flatten().filter_map(text_or_number);
    limits
        .filter_map(|word| DailyLimit::of_word(&word))
        .find(|limit| !(is_of_number && *limit == DailyLimit::Unlimited))
}

/// Whether a phone number's throughput was raised.
fn is_upgrade(news: &News<'_>) -> bool {
    news.field == NUMBER_FIELD && short(news.event).as_deref() == Some("THROUGHPUT_UPGRADE")
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::envelope::About;
    use super::*;
    use shared::domain::values::campaign::{Language, MessageType};

    const NOW: Instant = Instant::from_millis(1_795_348_800_000);
    /// When it is told.
    const TOLD: Instant = Instant::from_millis(1_795_000_000_000);

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
            waba_info: None,
            limits: [None, Some(raw("\"TIER_1K\"")), None],
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
            assert_eq!(told.event_at, TOLD);
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

    fn limits(
        field: &'static str,
        event: Option<&'static str>,
        limits: [&'static str; 3],
    ) -> Option<Understood> {
        let limits = limits.map(|json| (!json.is_empty()).then(|| raw(json)));
        understand(NOW, &News { event: event.map(raw), limits, ..news(field) })
    }

    fn people(people: u32) -> Understood {
        let daily = Some(DailyLimit::People(people));
        Understood::Limits { daily, is_fast: false, at: TOLD }
    }

    #[test]
    fn the_newest_field_that_names_a_limit_holds() {
        let field = "business_capability_update";
        let of = |told| limits(field, None, told);
        assert_eq!(of(["\"TIER_2K\"", "\"TIER_250\"", "250"]), Some(people(2_000)));
        assert_eq!(of(["2000", "", "250"]), Some(people(2_000)));
        // Until Meta tells the new one, or where it says nothing.
        assert_eq!(of(["", "\"TIER_10K\"", "250"]), Some(people(10_000)));
        assert_eq!(of(["\"TIER_NOT_SET\"", "", "250"]), Some(people(250)));
        let unlimited =
            Understood::Limits { daily: Some(DailyLimit::Unlimited), is_fast: false, at: TOLD };
        for told in [["\"TIER_UNLIMITED\"", "", ""], ["", "", "-1"], ["-1", "", "250"]] {
            assert_eq!(of(told).as_ref(), Some(&unlimited), "{told:?}");
        }
        for nothing in [["", "", ""], ["\"TIER_NOT_SET\"", "", ""], ["{}", "[]", "true"]] {
            assert_eq!(of(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_raised_throughput_is_no_limit() {
        let of = |event, told| limits(NUMBER_FIELD, Some(event), told);
        let fast = |daily| Some(Understood::Limits { daily, is_fast: true, at: TOLD });
        let upgrade = "\"THROUGHPUT_UPGRADE\"";
        assert_eq!(of(upgrade, ["", "\"TIER_UNLIMITED\"", ""]), fast(None));
        assert_eq!(of(upgrade, ["\"TIER_UNLIMITED\"", "", ""]), fast(None));
        assert_eq!(
            of(upgrade, ["\"TIER_10K\"", "\"TIER_UNLIMITED\"", ""]),
            fast(Some(DailyLimit::People(10_000)))
        );
        assert_eq!(of("\"ONBOARDING\"", ["\"TIER_2K\"", "", ""]), Some(people(2_000)));
        assert_eq!(of("\"ONBOARDING\"", ["", "\"TIER_NOT_SET\"", ""]), None);
        let elsewhere = limits("business_capability_update", Some(upgrade), ["", "", ""]);
        assert_eq!(elsewhere, None);
    }
}
