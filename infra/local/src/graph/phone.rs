//! What the stand-in took, and what the people behind the phones do about it.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;

use super::{Graph, Inner, Kept, MESSAGES, State, buttons};

/// Messages that one phone number may send within a second: Meta's first throughput.
const A_SECOND: usize = 80;
/// How far apart two messages to one person must be.
const BETWEEN_TWO: Span = Span::seconds(6);

/// A message that it took, as the phone shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessage {
    /// Its id.
    pub id: String,
    /// When it was taken.
    pub at: Instant,
    /// The id of the phone number that it comes from.
    pub from: String,
    /// The number that it goes to.
    pub to: String,
    /// Its template's name and language.
    pub template: String,
    /// Its language.
    pub language: String,
    /// Its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Its text.
    pub text: String,
    /// What stands below.
    pub footer: String,
    /// The captions of its buttons.
    pub buttons: Vec<String>,
    /// Where its link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What is handed back with each of its statuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<String>,
    /// Whether it came by way of Marketing Messages.
    pub is_marketing: bool,
    /// How long it is tried to be delivered, where its template says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u64>,
    /// The statuses that were told so far.
    pub statuses: Vec<String>,
}

/// What somebody does, or Meta.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "act",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Act {
    /// A message gets a status, such as `read`, or `failed` with a code.
    Status {
        /// The message.
        id: String,
        /// Its status.
        status: String,
        /// Why it failed.
        #[serde(default)]
        code: Option<u32>,
    },
    /// Somebody taps a reply button of a message.
    Tap {
        /// The message.
        id: String,
        /// What the button says.
        text: String,
    },
    /// Somebody writes.
    Write {
        /// Their number.
        from: String,
        /// To which phone number's id.
        number: String,
        /// What they write.
        text: String,
    },
    /// Somebody chooses whether they want offers: `stop` or `resume`.
    Prefer {
        /// Their number.
        from: String,
        /// For which phone number's id.
        number: String,
        /// What they choose.
        value: String,
    },
    /// Meta changes how many people the business of a phone number may begin to write to within a day.
    Limit {
        /// The phone number's id.
        number: String,
        /// The limit, in Meta's words: `TIER_2K`.
        tier: String,
    },
    /// Meta raises a phone number's throughput.
    Throughput {
        /// The phone number's id.
        number: String,
    },
    /// The business of a phone number signs the terms of Marketing Messages.
    Marketing {
        /// The phone number's id.
        number: String,
    },
    /// Meta judges a template.
    Judge {
        /// Its name.
        name: String,
        /// Its language, in Meta's spelling.
        language: String,
        /// Its state, in Meta's words.
        state: String,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
}

/// Nothing is called so.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such message, phone number or template")]
pub struct Unknown;

impl Graph {
    /// Has something done.
    pub fn act(&self, act: Act) -> Result<(), Unknown> {
        let graph = &*self.inner;
        match act {
            Act::Status { id, status, code } => graph.tell_status(&id, &status, code),
            Act::Tap { id, text } => {
                let message = graph.message(&id).ok_or(Unknown)?;
                let button = json!({"type": "button", "from": message.to, "context": {"id": id},
                    "button": {"payload": payload(&text), "text": text}});
                graph.tell_message(&message.from, button)
            }
            Act::Write { from, number, text } => {
                let text = json!({"type": "text", "from": from, "text": {"body": text}});
                graph.tell_message(&number, text)
            }
            Act::Prefer { from, number, value } => graph.tell_preference(&number, &from, &value),
            Act::Limit { number, tier } => graph.tell_limit(&number, &tier),
            Act::Throughput { number } => graph.tell_throughput(&number),
            Act::Marketing { number } => graph.tell_marketing(&number),
            Act::Judge { name, language, state, reason } => {
                let waba = graph.waba_of_template(&name, &language).ok_or(Unknown)?;
                graph.judge_template(&waba, (&name, &language), &state, reason.as_deref());
                Ok(())
            }
        }
    }
}

/// What a template's stop button sends back beside its caption.
fn payload(text: &str) -> &str {
    if shared::domain::values::stop_word::is_stop_word(text) { "STOP" } else { text }
}

impl Inner {
    pub(super) fn message(&self, id: &str) -> Option<SentMessage> {
        self.locked().messages.iter().find(|message| message.id == id).cloned()
    }

    /// The business account of a phone number.
    pub(super) fn waba_of(&self, number: &str) -> Option<String> {
        let state = self.locked();
        let mut known = state.numbers.iter();
        known.find(|(_, held)| held.iter().any(|held| held == number)).map(|(waba, _)| waba.clone())
    }

    fn waba_of_template(&self, name: &str, language: &str) -> Option<String> {
        let state = self.locked();
        let is_it = |kept: &Kept| kept.name == name && kept.language == language;
        let mut known = state.templates.iter();
        known.find(|(_, kept)| kept.iter().any(is_it)).map(|(waba, _)| waba.clone())
    }

    /// Takes a message: its id and whom it goes to, or Meta's code.
    pub(super) fn take_message(
        &self,
        (number, is_marketing): (&str, bool),
        asked: &Value,
    ) -> Result<(String, String), u32> {
        let now = self.clock.now();
        let waba = self.waba_of(number).ok_or(100_u32)?;
        let taken = {
            let mut state = self.locked();
            if is_marketing && !state.marketing.contains(&waba) {
                return Err(134_102);
            }
            let template = state.template_of(&waba, asked)?.clone();
            let to = text(asked, "/to").filter(|to| !to.is_empty()).ok_or(131_009_u32)?;
            state.within_limits(now, number, &to)?;
            let mut message = shown(&template, asked)?;
            state.taken += 1;
            let random = format!("{number}.{}", state.taken);
            message.id = format!("wamid.{}", URL_SAFE_NO_PAD.encode(random));
            (message.at, message.from, message.to) = (now, number.to_owned(), to);
            message.ttl_seconds = template.ttl_seconds.filter(|_| is_marketing);
            message.is_marketing = is_marketing;
            state.messages.push_back(message.clone());
            if state.messages.len() > MESSAGES {
                state.messages.pop_front();
            }
            message
        };
        for status in ["sent", "delivered"] {
            // It was taken a moment ago: it is known.
            let _told = self.tell_status(&taken.id, status, None);
        }
        Ok((taken.id, taken.to))
    }

    /// Gives a template a state and tells of it.
    pub(super) fn judge_template(
        &self,
        waba: &str,
        (name, language): (&str, &str),
        state: &str,
        reason: Option<&str>,
    ) {
        let mut kept = self.locked();
        let templates = kept.templates.get_mut(waba).into_iter().flatten();
        for template in templates.filter(|kept| kept.name == name && kept.language == language) {
            status_after(state).clone_into(&mut template.status);
            template.reason = reason.map(str::to_owned);
        }
        drop(kept);
        self.keep_templates();
        self.tell_template(waba, (name, language), state, reason);
    }
}

/// The status of a template after an event of that name: one that is flagged or reinstated is approved.
fn status_after(event: &str) -> &str {
    if matches!(event, "FLAGGED" | "REINSTATED") { "APPROVED" } else { event }
}

impl State {
    /// The template of a message; Meta's code where it can't be sent.
    fn template_of(&self, waba: &str, asked: &Value) -> Result<&Kept, u32> {
        let (name, language) =
            (text(asked, "/template/name"), text(asked, "/template/language/code"));
        let (name, language) = name.zip(language).ok_or(131_008_u32)?;
        let held = self.templates.get(waba).into_iter().flatten();
        let mut held = held.filter(|kept| kept.name == name && kept.language == language);
        let kept = held.next().ok_or(132_001_u32)?;
        match kept.status.as_str() {
            "APPROVED" => Ok(kept),
            "PAUSED" => Err(132_015),
            "DISABLED" => Err(132_016),
            _ => Err(132_001),
        }
    }

    /// Counts a message to somebody; Meta's code where they are too many.
    fn within_limits(&mut self, now: Instant, number: &str, to: &str) -> Result<(), u32> {
        self.recent.retain(|(at, ..)| now.since(*at) < BETWEEN_TWO);
        let recent: &VecDeque<_> = &self.recent;
        let of_number = recent.iter().filter(|(_, from, _)| from == number);
        if of_number.clone().any(|(_, _, before)| before == to) {
            return Err(131_056);
        }
        if of_number.filter(|(at, ..)| now.since(*at) < Span::seconds(1)).count() >= A_SECOND {
            return Err(130_429);
        }
        self.recent.push_back((now, number.to_owned(), to.to_owned()));
        Ok(())
    }
}

pub(super) fn text(of: &Value, pointer: &str) -> Option<String> {
    of.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn list<'a>(of: &'a Value, pointer: &str) -> &'a [Value] {
    of.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The parameters of a component, as texts.
fn parameters(asked: &Value, kind: &str, index: Option<&str>) -> Vec<String> {
    let components = list(asked, "/template/components").iter();
    let component = components.filter(|component| {
        text(component, "/type").as_deref() == Some(kind)
            && index.is_none_or(|index| text(component, "/index").as_deref() == Some(index))
    });
    let parameters = component.flat_map(|component| list(component, "/parameters"));
    parameters
        .filter_map(|parameter| {
            ["/text", "/image/link", "/coupon_code", "/payload"]
                .iter()
                .find_map(|field| text(parameter, field))
        })
        .collect()
}

/// A message as the phone shows it; Meta's code where its parameters aren't its template's.
fn shown(template: &Kept, asked: &Value) -> Result<SentMessage, u32> {
    buttons::fit(&template.components, asked)?;
    let part = |kind: &str| {
        let mut parts = list(&template.components, "").iter();
        parts.find(|part| text(part, "/type").as_deref() == Some(kind))
    };
    let of_part = |kind: &str| part(kind).and_then(|part| text(part, "/text")).unwrap_or_default();
    let mut body = of_part("BODY");
    let values = parameters(asked, "body", None);
    for (place, value) in values.iter().enumerate() {
        let placeholder = format!("{{{{{}}}}}", place + 1);
        if !body.contains(&placeholder) {
            return Err(132_000);
        }
        body = body.replace(&placeholder, value);
    }
    let picture = parameters(asked, "header", None).into_iter().next();
    if body.contains("{{") || part("HEADER").is_some() != picture.is_some() {
        return Err(132_000);
    }
    let buttons = part("BUTTONS").map(|part| list(part, "/buttons")).unwrap_or_default();
    let link = buttons.iter().enumerate().find_map(|(index, button)| {
        let token = parameters(asked, "button", Some(&index.to_string())).into_iter().next()?;
        Some(text(button, "/url")?.replace("{{1}}", &token))
    });
    Ok(SentMessage {
        id: String::new(),
        at: Instant::from_millis(0),
        from: String::new(),
        to: String::new(),
        template: template.name.clone(),
        language: template.language.clone(),
        picture,
        text: body,
        footer: of_part("FOOTER"),
        buttons: buttons.iter().filter_map(|button| text(button, "/text")).collect(),
        link,
        callback: text(asked, "/biz_opaque_callback_data"),
        is_marketing: false,
        ttl_seconds: None,
        statuses: Vec::new(),
    })
}
