//! One message of a template (`POST /{phoneNumberId}/messages`, or `…/marketing_messages`).
//!
//! Shapes: Meta, *Send template messages*, and of the coupon's button *Coupon code templates*.

use domain::facts::cart::SendId;
use domain::values::campaign::MessageType;
use domain::values::ids::LinkToken;
use domain::values::sending::CouponCode;
use serde_json::{Value, json};

use crate::template::{Button, STOP_PAYLOAD, Template};
use crate::way::Way;

/// The start of what we have Meta hand back with each status of a message (R16).
const CALLBACK: &str = "s1.";

/// What stands there of a message that somebody tries out: its statuses are nobody's.
const TRIED_OUT: &str = "t1";

/// Characters of a first name at most: what is longer is a text.
const FIRST_NAME_CHARS: usize = 30;

/// A shopper's first name as it may stand in a message; none where it is no name. Anybody can write into an order
/// form, beside anybody's phone number. So letters of any script count, single spaces between them, `'` and `-`:
/// no number, no address and no line of its own gets to a stranger's phone under the store's name.
fn first_name(text: &str) -> Option<&str> {
    let name = text.trim();
    let is_made_of_letters =
        name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-'));
    let is_name = name.starts_with(char::is_alphabetic)
        && is_made_of_letters
        && !name.contains("  ")
        && name.chars().count() <= FIRST_NAME_CHARS;
    is_name.then_some(name)
}

/// A message, ready to be sent. `Debug` leaves the person out.
pub struct Message<'a> {
    /// Its template.
    pub template: Template,
    /// The number that it goes to, in digits.
    pub to: &'a str,
    /// The shopper's first name, where one is known. What is no name is left out.
    pub first_name: Option<&'a str>,
    /// The shop's name.
    pub shop: &'a str,
    /// The address of its picture, where its template has one.
    pub picture: Option<&'a str>,
    /// Its coupon, where its template has one.
    pub coupon: Option<&'a CouponCode>,
    /// Its tracked link.
    pub link_token: &'a LinkToken,
    /// Which send it is.
    pub send_id: &'a SendId,
    /// The way that it takes.
    pub way: Way,
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("template", &self.template).finish_non_exhaustive()
    }
}

impl Message<'_> {
    /// What Meta is told.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |text: &str| json!({"type": "text", "text": text});
        let name = self.first_name.and_then(first_name);
        let mut body = vec![text(name.unwrap_or(self.template.nobody())), text(self.shop)];
        let mut components = Vec::new();
        if let Some(picture) = self.picture.filter(|_| self.carries(MessageType::Image)) {
            components.push(json!({
                "type": "header", "parameters": [{"type": "image", "image": {"link": picture}}],
            }));
        }
        let coupon = self.coupon.filter(|_| self.carries(MessageType::Coupon));
        body.extend(coupon.map(|coupon| text(coupon.as_str())));
        let buttons = self.template.order().iter().enumerate().filter_map(|(index, kind)| {
            let (kind, parameter) = match kind {
                Button::Link => ("url", text(self.link_token.as_str())),
                Button::Coupon => {
                    ("copy_code", json!({"type": "coupon_code", "coupon_code": coupon?.as_str()}))
                }
                Button::Stop => {
                    ("quick_reply", json!({"type": "payload", "payload": STOP_PAYLOAD}))
                }
            };
            Some(json!({"type": "button", "sub_type": kind, "index": index.to_string(),
                "parameters": [parameter]}))
        });
        components.push(json!({"type": "body", "parameters": body}));
        components.extend(buttons);
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": self.to,
            "type": "template",
            "template": {
                "name": self.template.name(),
                "language": {"code": self.template.language.meta_name()},
                "components": components,
            },
            "biz_opaque_callback_data": callback(self.send_id),
        })
    }

    /// The same message, to be tried out by somebody: no status of it is a send's.
    #[must_use]
    pub fn to_try_out(&self) -> Value {
        let mut message = self.to_json();
        if let Some(callback) = message.get_mut("biz_opaque_callback_data") {
            *callback = json!(TRIED_OUT);
        }
        message
    }

    fn carries(&self, message_type: MessageType) -> bool {
        self.template.message_type == message_type
    }
}

/// What Meta hands back with each status of a message.
#[must_use]
pub fn callback(send_id: &SendId) -> String {
    format!("{CALLBACK}{}", send_id.as_str())
}

/// Whether a status is one of a message that somebody tries out.
#[must_use]
pub fn is_tried_out(callback: &str) -> bool {
    callback == TRIED_OUT
}

/// The send that a status names; none where it isn't one of ours.
#[must_use]
pub fn send_of(callback: &str) -> Option<SendId> {
    SendId::parse(callback.strip_prefix(CALLBACK)?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use domain::values::campaign::Language;

    use super::*;

    fn template(message_type: MessageType) -> Template {
        Template { language: Language::Es, message_type }
    }

    fn told(message_type: MessageType, first_name: Option<&str>) -> Value {
        let (token, send_id) = (LinkToken::new(&[7; 16], ""), SendId::new(&[8; 16]));
        let coupon = CouponCode::parse("VUELVE10").unwrap();
        Message {
            template: template(message_type),
            to: "5491155501234",
            first_name,
            shop: "Tienda",
            picture: Some("https://shop.example/cart.png"),
            coupon: Some(&coupon),
            link_token: &token,
            send_id: &send_id,
            way: Way::Usual,
        }
        .to_json()
    }

    #[test]
    fn a_message_is_what_its_template_asks_for() {
        let (token, callback) = ("BwcHBwcHBwcHBwcHBwcHBw", "s1.CAgICAgICAgICAgICAgICA");
        assert_eq!(
            told(MessageType::Coupon, Some("Lola")),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "5491155501234",
                "type": "template",
                "template": {
                    "name": "cart_reminder_coupon_1", "language": {"code": "es"},
                    "components": [
                        {"type": "body", "parameters": [
                            {"type": "text", "text": "Lola"}, {"type": "text", "text": "Tienda"},
                            {"type": "text", "text": "VUELVE10"}]},
                        {"type": "button", "sub_type": "url", "index": "0",
                         "parameters": [{"type": "text", "text": token}]},
                        {"type": "button", "sub_type": "copy_code", "index": "1",
                         "parameters": [{"type": "coupon_code", "coupon_code": "VUELVE10"}]},
                        {"type": "button", "sub_type": "quick_reply", "index": "2",
                         "parameters": [{"type": "payload", "payload": "STOP"}]},
                    ],
                },
                "biz_opaque_callback_data": callback,
            })
        );
    }

    #[test]
    fn a_message_has_as_many_parameters_as_its_template() {
        for message_type in [MessageType::Text, MessageType::Image, MessageType::Coupon] {
            let asked =
                template(message_type).to_create("https://links.example/r/", None, Way::Usual);
            let told = told(message_type, None);
            let parts = |kind: &str| {
                let components = told["template"]["components"].as_array().unwrap();
                components.iter().filter(|part| part["type"] == kind).cloned().collect::<Vec<_>>()
            };
            let of = |kind: &str| {
                let components = asked["components"].as_array().unwrap();
                components.iter().find(|part| part["type"] == kind).cloned().unwrap_or_default()
            };
            let examples = of("BODY")["example"]["body_text"][0].as_array().unwrap().len();
            assert_eq!(parts("body")[0]["parameters"].as_array().unwrap().len(), examples);
            let buttons = of("BUTTONS")["buttons"].as_array().unwrap().clone();
            let kinds = buttons.iter().map(|button| button["type"].as_str().unwrap());
            let named = parts("button");
            let named = named.iter().enumerate().map(|(index, part)| {
                assert_eq!(part["index"], index.to_string());
                part["sub_type"].as_str().unwrap().to_uppercase()
            });
            assert!(named.eq(kinds), "{message_type:?}");
            assert_eq!(parts("header").len(), usize::from(message_type == MessageType::Image));
        }
    }

    #[test]
    fn whoever_has_no_name_is_greeted_all_the_same() {
        for nobody in [None, Some(""), Some("  ")] {
            let told = told(MessageType::Text, nobody);
            let body = &told["template"]["components"][0]["parameters"];
            assert_eq!(body[0]["text"], "de nuevo");
        }
    }

    #[test]
    fn a_first_name_is_letters_and_no_text() {
        let named = |name: &str| {
            let told = told(MessageType::Text, Some(name));
            told["template"]["components"][0]["parameters"][0]["text"].as_str().unwrap().to_owned()
        };
        let longest = "ã".repeat(FIRST_NAME_CHARS);
        for name in [
            "Ana",
            "João Miguel",
            "D'Ávila",
            "D’Ávila",
            "Anne-Marie",
            "Łukasz",
            "美咲",
            "Зоя",
            &longest,
        ] {
            assert_eq!(named(name), name);
        }
        assert_eq!(named(" Ana "), "Ana");
        let longer = "ã".repeat(FIRST_NAME_CHARS + 1);
        for text in [
            &longer,
            "Ana 2",
            "1",
            "٣",
            "shop.example",
            "shop/x",
            "a:b",
            "Ana\nLuz",
            "Ana\tLuz",
            "Ana  Luz",
            "Ana\u{a0}Luz",
            "Ana\u{200b}Luz",
            "Ana!",
            "Ana, você ganhou",
            "@ana",
            "*Ana*",
            "{{1}}",
            "-",
            "'",
        ] {
            assert_eq!(named(text), "de nuevo", "{text:?}");
        }
    }

    #[test]
    fn a_message_that_is_tried_out_is_no_send() {
        let (token, send_id) = (LinkToken::new(&[7; 16], ""), SendId::new(&[8; 16]));
        let message = Message {
            template: template(MessageType::Text),
            to: "5491155501234",
            first_name: None,
            shop: "Tienda",
            picture: None,
            coupon: None,
            link_token: &token,
            send_id: &send_id,
            way: Way::Usual,
        };
        let (mut sent, tried) = (message.to_json(), message.to_try_out());
        let named = tried["biz_opaque_callback_data"].as_str().unwrap();
        assert!(is_tried_out(named) && send_of(named).is_none());
        assert!(!is_tried_out(sent["biz_opaque_callback_data"].as_str().unwrap()));
        sent["biz_opaque_callback_data"] = json!(named);
        assert_eq!(sent, tried);
    }

    #[test]
    fn a_status_names_its_send_in_our_words_alone() {
        let send_id = SendId::new(&[9; 16]);
        assert_eq!(send_of(&callback(&send_id)), Some(send_id));
        for other in ["", "s1.", "s2.CAgICAgICAgICAgICAgICA", "CAgICAgICAgICAgICAgICA", "s1.short"]
        {
            assert_eq!(send_of(other), None, "{other}");
        }
    }
}
