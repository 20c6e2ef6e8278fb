#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::ms;

fn campaign() -> Campaign {
    Campaign {
        campaign_id: CampaignId::parse("spring").unwrap(),
        name: CampaignName::parse("Carrinho").unwrap(),
        language: Language::PtBr,
        message_type: MessageType::Text,
        status: CampaignStatus::Active,
        version: 1,
        created_at: ms(0),
        updated_at: ms(0),
        sending: None,
    }
}

#[test]
fn r11_an_edit_makes_a_new_version() {
    let name = CampaignName::parse("Cupom").unwrap();
    let edit = CampaignEdit {
        name: Some(name.clone()),
        language: Some(Language::Es),
        message_type: Some(MessageType::Coupon),
        status: None,
        sending: None,
    };
    let edited = campaign().edited(&edit, ms(5)).unwrap();
    let expected = Campaign {
        name,
        language: Language::Es,
        message_type: MessageType::Coupon,
        version: 2,
        updated_at: ms(5),
        ..campaign()
    };
    assert_eq!(edited, expected);
}

#[test]
fn r11_pause_and_resume_are_idempotent() {
    let to = |status| CampaignEdit { status: Some(status), ..CampaignEdit::default() };
    let paused = campaign().edited(&to(CampaignStatus::Paused), ms(5)).unwrap();
    assert_eq!((paused.status, paused.version), (CampaignStatus::Paused, 2));
    assert_eq!(paused.edited(&to(CampaignStatus::Paused), ms(6)), None);
    let resumed = paused.edited(&to(CampaignStatus::Active), ms(7)).unwrap();
    assert_eq!(resumed, Campaign { version: 3, updated_at: ms(7), ..campaign() });
    assert_eq!(campaign().edited(&CampaignEdit::default(), ms(8)), None);
}

#[test]
fn r20_a_campaign_is_sent_by_the_system_while_that_is_enabled() {
    let to = |enabled: bool| {
        let sending = serde_json::from_str(&format!(r#"{{"enabled":{enabled}}}"#)).unwrap();
        CampaignEdit { sending: Some(sending), ..CampaignEdit::default() }
    };
    assert!(!campaign().is_sent_by_system());
    let sent = campaign().edited(&to(true), ms(5)).unwrap();
    assert!(sent.is_sent_by_system());
    // Another edit leaves it so.
    let paused = CampaignEdit { status: Some(CampaignStatus::Paused), ..CampaignEdit::default() };
    assert!(sent.edited(&paused, ms(6)).unwrap().is_sent_by_system());
    assert!(!sent.edited(&to(false), ms(6)).unwrap().is_sent_by_system());
    assert_eq!(sent.edited(&to(true), ms(7)), None);
}

#[test]
fn names_have_1_to_80_visible_characters() {
    assert!(CampaignName::parse(&"\u{f1}".repeat(80)).is_ok());
    assert!(CampaignName::parse(&"\u{f1}".repeat(81)).is_err());
    for name in ["", " ", "\u{a0}", "a\nb", "a\u{0}"] {
        assert!(CampaignName::parse(name).is_err(), "{name:?}");
    }
}

#[test]
fn words_are_those_of_the_api() {
    let json = serde_json::to_value(campaign()).unwrap();
    assert_eq!((&json["language"], &json["messageType"]), (&"pt-BR".into(), &"text".into()));
    assert_eq!(json["status"], "active");
    for (language, word) in
        [(Language::PtBr, "pt-BR"), (Language::EnUs, "en-US"), (Language::Es, "es")]
    {
        assert_eq!(serde_json::to_value(language).unwrap(), word);
        assert_eq!(language.as_str(), word);
    }
    for message_type in [MessageType::Text, MessageType::Image, MessageType::Coupon] {
        assert_eq!(serde_json::to_value(message_type).unwrap(), message_type.as_str());
    }
    assert_eq!(serde_json::from_value::<Campaign>(json).unwrap(), campaign());
}

#[test]
fn a_template_event_in_another_language_spelling_matches() {
    for name in ["en", "en_US", "en-US", "EN_us", "en_GB"] {
        assert_eq!(Language::of_meta(name), Some(Language::EnUs), "{name}");
    }
    for name in ["pt_BR", "pt-BR", "pt"] {
        assert_eq!(Language::of_meta(name), Some(Language::PtBr), "{name}");
    }
    for name in ["es", "es_AR", "es-MX"] {
        assert_eq!(Language::of_meta(name), Some(Language::Es), "{name}");
    }
    for name in ["", "de", "pt_PT", "eng"] {
        assert_eq!(Language::of_meta(name), None, "{name}");
    }
    for language in [Language::PtBr, Language::EnUs, Language::Es] {
        assert_eq!(Language::of_meta(language.meta_name()), Some(language));
    }
}
