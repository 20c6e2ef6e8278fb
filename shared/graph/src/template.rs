//! Our templates, as Meta keeps and judges them (R19).
//!
//! A message that a store begins must follow a template that Meta approved. Names, texts and parameters
//! are ours, one template for each language and message type, so that a store needs to write none. The
//! texts promise nothing, hurry nobody, name the shop, and say how to stop.
//!
//! Shapes: Meta, *Custom marketing templates* (components, buttons, examples).

use domain::values::campaign::{Language, MessageType};
use domain::values::span::Span;
use serde_json::{Value, json};

use crate::way::Way;

/// What a shopper's button to end messages sends back: a stop word (R18).
pub const STOP_PAYLOAD: &str = "STOP";

/// A template of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The language of its text.
    pub language: Language,
    /// What its message carries.
    pub message_type: MessageType,
}

/// A button of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    /// Leads to the cart.
    Link,
    /// Copies the coupon.
    Coupon,
    /// Ends messages.
    Stop,
}

/// What a template says in one language.
struct Texts {
    /// `{{1}}` is the shopper's first name or [`Template::nobody`], `{{2}}` the shop's name.
    body: &'static str,
    /// The same with the coupon as `{{3}}`.
    body_with_coupon: &'static str,
    footer: &'static str,
    back: &'static str,
    stop: &'static str,
    /// Stands where a name would.
    nobody: &'static str,
    /// Names that show Meta's people what the parameters are.
    examples: [&'static str; 2],
}

const PT_BR: Texts = Texts {
    body: "Olá, {{1}}! O seu carrinho na {{2}} continua guardado. Quando quiser, é só continuar de onde parou.",
    body_with_coupon: "Olá, {{1}}! O seu carrinho na {{2}} continua guardado. Se quiser, use o cupom {{3}} ao finalizar a compra.",
    footer: "Não quer mais receber? Toque em Parar.",
    back: "Voltar ao carrinho",
    stop: "Parar",
    nobody: "de novo",
    examples: ["Ana", "Loja Exemplo"],
};

const EN_US: Texts = Texts {
    body: "Hello {{1}}! Your cart at {{2}} is still saved. Whenever you like, pick up where you left off.",
    body_with_coupon: "Hello {{1}}! Your cart at {{2}} is still saved. If you like, use coupon {{3}} at checkout.",
    footer: "No more messages? Tap Stop.",
    back: "Back to cart",
    stop: "Stop",
    nobody: "again",
    examples: ["Ana", "Example Shop"],
};

const ES: Texts = Texts {
    body: "¡Hola, {{1}}! Tu carrito en {{2}} sigue guardado. Cuando quieras, puedes continuar donde lo dejaste.",
    body_with_coupon: "¡Hola, {{1}}! Tu carrito en {{2}} sigue guardado. Si quieres, usa el cupón {{3}} al finalizar la compra.",
    footer: "¿No quieres más mensajes? Toca Baja.",
    back: "Volver al carrito",
    stop: "Baja",
    nobody: "de nuevo",
    examples: ["Ana", "Tienda Ejemplo"],
};

/// How long Meta tries to deliver a message that goes by way of Marketing Messages: the least that it takes for
/// marketing, 12 hours to 30 days (Meta, *Configure message time-to-live*). Of a message that goes the usual way nothing
/// else can be asked than 30 days: a reminder of a cart that is long forgotten.
pub const TIME_TO_LIVE: Span = Span::hours(12);

/// A coupon that shows Meta's people what the parameter is.
const COUPON_EXAMPLE: &str = "VOLTA10";

impl Template {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let languages = [Language::PtBr, Language::EnUs, Language::Es];
        let types = [MessageType::Text, MessageType::Image, MessageType::Coupon];
        let of = |language| types.map(|message_type| Self { language, message_type });
        languages.into_iter().flat_map(of).collect()
    }

    const fn texts(self) -> &'static Texts {
        match self.language {
            Language::PtBr => &PT_BR,
            Language::EnUs => &EN_US,
            Language::Es => &ES,
        }
    }

    /// Its name at Meta: one for each message type, since a template's languages share it. A text that
    /// changes gets a name of its own, so that what was approved stays what is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.message_type {
            MessageType::Text => "cart_reminder_text_1",
            MessageType::Image => "cart_reminder_image_1",
            MessageType::Coupon => "cart_reminder_coupon_1",
        }
    }

    /// The template that a name and a language at Meta mean; none where it isn't ours.
    #[must_use]
    pub fn named(name: &str, language: &str) -> Option<Self> {
        let language = Language::of_meta(language)?;
        Self::all().into_iter().find(|own| own.language == language && own.name() == name)
    }

    /// What stands where a shopper's first name would.
    #[must_use]
    pub const fn nobody(self) -> &'static str {
        self.texts().nobody
    }

    /// Its text with what stands for its parameters, as a phone shows it: body and footer.
    #[must_use]
    pub fn shown(self, name: &str, shop: &str, coupon: &str) -> (String, &'static str) {
        let body = self.body().replace("{{1}}", name).replace("{{2}}", shop);
        (body.replace("{{3}}", coupon), self.texts().footer)
    }

    /// The captions of its buttons, in their order; that of the coupon's is the phone's own.
    #[must_use]
    pub const fn buttons(self) -> [&'static str; 2] {
        [self.texts().back, self.texts().stop]
    }

    const fn body(self) -> &'static str {
        match self.message_type {
            MessageType::Coupon => self.texts().body_with_coupon,
            MessageType::Text | MessageType::Image => self.texts().body,
        }
    }

    /// Its buttons in their order, by which a message names them, too. Quick replies stand in one group and all others in
    /// another: Meta refuses a template that mixes them as an invalid combination (Meta, *Template components*, "Quick
    /// reply buttons").
    pub(crate) const fn order(self) -> &'static [Button] {
        match self.message_type {
            MessageType::Coupon => &[Button::Link, Button::Coupon, Button::Stop],
            MessageType::Text | MessageType::Image => &[Button::Link, Button::Stop],
        }
    }

    /// What Meta is asked to judge (`POST /{waba}/message_templates`). Its link begins with
    /// `link_base`, behind which the token stands. `picture` is Meta's handle of an uploaded example,
    /// without which a template with a picture isn't judged. By way of Marketing Messages its messages have a
    /// [time to live](TIME_TO_LIVE).
    #[must_use]
    pub fn to_create(self, link_base: &str, picture: Option<&str>, way: Way) -> Value {
        let texts = self.texts();
        let mut examples = texts.examples.to_vec();
        let mut components = Vec::new();
        if self.message_type == MessageType::Image {
            let handles: Vec<&str> = picture.into_iter().collect();
            components.push(json!({
                "type": "HEADER", "format": "IMAGE", "example": {"header_handle": handles},
            }));
        }
        if self.message_type == MessageType::Coupon {
            examples.push(COUPON_EXAMPLE);
        }
        let button = |button: &Button| match button {
            Button::Link => json!({
                "type": "URL", "text": texts.back, "url": format!("{link_base}{{{{1}}}}"),
                "example": [format!("{link_base}AAAAAAAAAAAAAAAAAAAAAA")],
            }),
            Button::Coupon => json!({"type": "COPY_CODE", "example": COUPON_EXAMPLE}),
            Button::Stop => json!({"type": "QUICK_REPLY", "text": texts.stop}),
        };
        let buttons: Vec<Value> = self.order().iter().map(button).collect();
        components.push(json!({
            "type": "BODY", "text": self.body(), "example": {"body_text": [examples]},
        }));
        components.push(json!({"type": "FOOTER", "text": texts.footer}));
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        let mut asked = json!({
            "name": self.name(),
            "language": self.language.meta_name(),
            "category": "MARKETING",
            "components": components,
        });
        if let (Way::Marketing, Some(fields)) = (way, asked.as_object_mut()) {
            let seconds = TIME_TO_LIVE.as_seconds();
            fields.insert("message_send_ttl_seconds".to_owned(), json!(seconds));
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    /// Meta, *Custom marketing templates*: characters of a body, a footer, a button's caption.
    const LIMITS: (usize, usize, usize) = (1_024, 60, 25);

    #[test]
    fn every_language_and_type_has_a_template_within_metas_limits() {
        let all = Template::all();
        assert_eq!(all.len(), 9);
        for template in all {
            let (body, footer) = template.shown("Ana", "Loja Exemplo", "VOLTA10");
            assert!(body.chars().count() <= LIMITS.0 && footer.chars().count() <= LIMITS.1);
            assert!(template.buttons().iter().all(|caption| caption.chars().count() <= LIMITS.2));
            assert!(!body.contains("{{"), "{body}");
            assert!(body.contains("Ana") && body.contains("Loja Exemplo"), "{body}");
            assert_eq!(body.contains("VOLTA10"), template.message_type == MessageType::Coupon);
        }
    }

    #[test]
    fn a_body_neither_begins_nor_ends_with_a_parameter() {
        // Meta refuses such a template.
        for template in Template::all() {
            assert!(!template.body().starts_with("{{") && !template.body().ends_with("}}"));
        }
    }

    #[test]
    fn quick_replies_stand_behind_all_other_buttons() {
        for template in Template::all() {
            let order = template.order();
            let (others, replies) = order.split_at(order.len() - 1);
            assert_eq!(replies, [Button::Stop]);
            assert!(!others.contains(&Button::Stop) && others.starts_with(&[Button::Link]));
        }
    }

    #[test]
    fn each_parameter_has_an_example() {
        for template in Template::all() {
            let asked = template.to_create("https://links.example/r/", Some("4::aW"), Way::Usual);
            let components = asked["components"].as_array().unwrap();
            let body = components.iter().find(|part| part["type"] == "BODY").unwrap();
            let parameters = template.body().matches("{{").count();
            assert_eq!(body["example"]["body_text"][0].as_array().unwrap().len(), parameters);
        }
    }

    #[test]
    fn a_template_is_found_by_its_name_in_any_spelling_of_its_language() {
        for template in Template::all() {
            let name = template.name();
            assert_eq!(Template::named(name, template.language.meta_name()), Some(template));
        }
        let text = Template { language: Language::EnUs, message_type: MessageType::Text };
        assert_eq!(Template::named("cart_reminder_text_1", "en-US"), Some(text));
        assert_eq!(Template::named("hello_world", "en_US"), None);
    }

    #[test]
    fn what_meta_is_asked_to_judge() {
        let text = Template { language: Language::PtBr, message_type: MessageType::Coupon };
        let asked = text.to_create("https://links.example/r/", None, Way::Usual);
        assert_eq!(
            asked,
            json!({
                "name": "cart_reminder_coupon_1", "language": "pt_BR", "category": "MARKETING",
                "components": [
                    {"type": "BODY", "text": PT_BR.body_with_coupon,
                     "example": {"body_text": [["Ana", "Loja Exemplo", "VOLTA10"]]}},
                    {"type": "FOOTER", "text": "Não quer mais receber? Toque em Parar."},
                    {"type": "BUTTONS", "buttons": [
                        {"type": "URL", "text": "Voltar ao carrinho", "url": "https://links.example/r/{{1}}",
                         "example": ["https://links.example/r/AAAAAAAAAAAAAAAAAAAAAA"]},
                        {"type": "COPY_CODE", "example": "VOLTA10"},
                        {"type": "QUICK_REPLY", "text": "Parar"},
                    ]},
                ],
            })
        );
    }

    #[test]
    fn a_time_to_live_is_asked_for_where_there_is_one() {
        for template in Template::all() {
            let usual = template.to_create("https://links.example/r/", None, Way::Usual);
            let mut marketing =
                template.to_create("https://links.example/r/", None, Way::Marketing);
            assert_eq!(marketing["message_send_ttl_seconds"], 43_200);
            marketing.as_object_mut().unwrap().remove("message_send_ttl_seconds");
            assert_eq!(marketing, usual);
        }
    }
}
