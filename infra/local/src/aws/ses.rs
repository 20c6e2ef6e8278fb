//! As much of SES v1's query protocol as `SendRawEmail` takes.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::MessageParser;

use super::simulator::{self, Taken};
use crate::{
    events::Bus,
    mailbox::{Mailbox, header_recipients},
};

/// SES v1 takes messages of at most 10 MB, their attachments in base64. The base64 in which the query protocol
/// carries the whole message again doesn't count.
const MAX_MESSAGE_BYTES: usize = 10 * 1024 * 1024;
/// That base64 is 4/3 as long as the message, and percent-encoding makes up to three characters of one.
const MAX_FORM_BYTES: usize = 4 * MAX_MESSAGE_BYTES + 64 * 1024;
/// SES allows 50 tags a message.
const MAX_TAGS: usize = 50;
/// SES allows 50 recipients a message.
const MAX_RECIPIENTS: usize = 50;

const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

/// Where mails are kept, and where it is told what becomes of them.
#[derive(Debug, Clone)]
struct Service {
    mailbox: Arc<Mailbox>,
    bus: Arc<Bus>,
}

/// The endpoint's routes.
pub(super) fn router(mailbox: Arc<Mailbox>, bus: Arc<Bus>) -> Router {
    Router::new()
        .route("/", post(call))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .with_state(Service { mailbox, bus })
}

/// An error as SES words it.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message>\
             </Error><RequestId>local</RequestId></ErrorResponse>",
            self.code,
            escape(&self.message),
        );
        (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "text/xml")], body).into_response()
    }
}

async fn call(State(service): State<Service>, form: Bytes) -> Result<Response, Refusal> {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&form).into_owned().collect();
    let action = form.get("Action").map_or("", String::as_str);
    if action != "SendRawEmail" {
        return Err(Refusal::new("InvalidAction", format!("Could not find operation {action}")));
    }
    let id = send_raw_email(&service, &form)?;
    let body = format!(
        "<SendRawEmailResponse xmlns=\"{NAMESPACE}\"><SendRawEmailResult><MessageId>{id}</MessageId>\
         </SendRawEmailResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></SendRawEmailResponse>"
    );
    Ok(([(CONTENT_TYPE, "text/xml")], body).into_response())
}

fn send_raw_email(service: &Service, form: &HashMap<String, String>) -> Result<String, Refusal> {
    let Service { mailbox, bus } = service;
    if mailbox.take_refusal() {
        return Err(Refusal::new("MessageRejected", "Daily message quota exceeded."));
    }
    let data = form.get("RawMessage.Data").map_or("", String::as_str);
    let raw = STANDARD
        .decode(data)
        .map_err(|_| Refusal::new("SerializationException", "RawMessage.Data is not base64"))?;
    if raw.len() > MAX_MESSAGE_BYTES {
        return Err(Refusal::new(
            "InvalidParameterValue",
            format!("Message length is more than {MAX_MESSAGE_BYTES} bytes long: '{}'.", raw.len()),
        ));
    }
    let message = MessageParser::default()
        .parse_headers(raw.as_slice())
        .ok_or_else(|| Refusal::new("InvalidParameterValue", "Missing required header 'From'."))?;
    if form.get("Source").is_none_or(String::is_empty) && message.from().is_none() {
        return Err(Refusal::new("InvalidParameterValue", "Missing required header 'From'."));
    }
    let envelope: Vec<String> = (1..=MAX_RECIPIENTS + 1)
        .map_while(|number| form.get(&format!("Destinations.member.{number}")).cloned())
        .collect();
    let recipients =
        if envelope.is_empty() { header_recipients(&message) } else { envelope.clone() };
    check_recipients(&recipients)?;
    let id = mailbox
        .keep(&raw, &envelope)
        .map_err(|error| Refusal::new("InternalFailure", error.to_string()))?;
    // Without a configuration set nobody hears of a mail again.
    if let Some(configuration_set) = form.get("ConfigurationSetName") {
        let taken = Taken {
            message_id: &id,
            source: form.get("Source").map_or("", String::as_str),
            configuration_set,
            tags: tags(form),
            at: mailbox.now(),
        };
        recipients
            .iter()
            .filter_map(|to| simulator::event(&taken, to))
            .for_each(|event| bus.put(event));
    }
    Ok(id)
}

/// The message's tags: names and values.
fn tags(form: &HashMap<String, String>) -> Vec<(String, String)> {
    let part =
        |number: usize, part: &str| form.get(&format!("Tags.member.{number}.{part}")).cloned();
    (1..=MAX_TAGS).map_while(|number| part(number, "Name").zip(part(number, "Value"))).collect()
}

/// One bad address rejects the whole message, as at SES.
fn check_recipients(recipients: &[String]) -> Result<(), Refusal> {
    if recipients.is_empty() {
        return Err(Refusal::new("InvalidParameterValue", "Missing final '@domain'"));
    }
    if recipients.len() > MAX_RECIPIENTS {
        return Err(Refusal::new("InvalidParameterValue", "Recipient count exceeds 50."));
    }
    for recipient in recipients {
        let address = recipient
            .rsplit_once('<')
            .map_or(recipient.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        match address.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {}
            _ => return Err(Refusal::new("InvalidParameterValue", "Missing final '@domain'")),
        }
        if !address.is_ascii() {
            return Err(Refusal::new(
                "InvalidParameterValue",
                "Local address contains control or whitespace",
            ));
        }
        if address.chars().any(|c| c.is_ascii_control() || c == ' ') {
            return Err(Refusal::new(
                "InvalidParameterValue",
                "Local address contains control or whitespace",
            ));
        }
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
