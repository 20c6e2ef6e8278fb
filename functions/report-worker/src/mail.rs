//! The mail that brings a report: text and simple HTML in the reader's language, with the file
//! or a link to it; and the one that asks its recipient to confirm ([`confirmation`]).

use chrono_tz::Tz;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;
use mail_builder::mime::{BodyPart, MimePart};
use shared::domain::reports::report::{Report, ReportFile};
use shared::domain::values::campaign::{CampaignName, Language};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::instant::Instant;

use words::words;

mod base64;
pub mod confirmation;
mod plain;
mod words;

/// A mail to be written.
#[derive(Debug)]
pub struct Letter<'a> {
    /// The report.
    pub report: &'a Report,
    /// Its file.
    pub file: &'a ReportFile,
    /// The sender.
    pub from: &'a EmailAddress,
    /// The reader's language.
    pub language: Language,
    /// The store's time zone.
    pub zone: Tz,
    /// The one campaign that it is about.
    pub campaign: Option<&'a CampaignName>,
    /// What it carries.
    pub contents: Contents,
    /// How many conversions the file should have, where it lacks some; see
    /// [`Built::short_of`](crate::build::Built::short_of).
    pub short_of: Option<u64>,
    /// Where its recipient ends the account's mails.
    pub unsubscribe: String,
    /// When it is written.
    pub at: Instant,
}

/// What a mail carries. `Debug` leaves it out.
pub enum Contents {
    /// The file.
    Attached(Vec<u8>),
    /// A link to it.
    Link {
        /// Where it leads; whoever has it has the file.
        url: String,
        /// When it ends.
        valid_until: Instant,
    },
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Attached(_) => "Attached(…)",
            Self::Link { .. } => "Link(…)",
        })
    }
}

/// A mail that couldn't be written.
#[derive(Debug, thiserror::Error)]
#[error("the message could not be serialised")]
pub struct MailError(#[source] std::io::Error);

impl Letter<'_> {
    /// The message as it goes over the wire (RFC 5322).
    pub fn compose(self) -> Result<Vec<u8>, MailError> {
        let text = words(&self);
        let head = Head {
            from: self.from,
            to: &self.report.email,
            subject: &text.subject,
            id: self.report.id.as_str(),
            language: self.language,
            unsubscribe: &self.unsubscribe,
            at: self.at,
        };
        let message = head.message();
        let readable = readable(text.plain(), text.html());
        let body = match self.contents {
            Contents::Attached(file) => MimePart::new(
                "multipart/mixed",
                vec![readable, attachment(&file, self.report.file_name())],
            ),
            Contents::Link { .. } => readable,
        };
        message.body(body).write_to_vec().map_err(MailError)
    }
}

/// What stands at the head of every mail.
struct Head<'a> {
    from: &'a EmailAddress,
    to: &'a EmailAddress,
    subject: &'a str,
    /// What its `Message-ID` begins with.
    id: &'a str,
    language: Language,
    unsubscribe: &'a str,
    at: Instant,
}

impl Head<'_> {
    fn message(&self) -> MessageBuilder<'static> {
        MessageBuilder::new()
            .from(self.from.as_str().to_owned())
            .to(self.to.as_str().to_owned())
            .subject(self.subject.to_owned())
            .date(Date::new(self.at.seconds()))
            // SES puts its own in its place; without one the library would name this machine.
            .message_id(format!("{}@{}", self.id, self.from.domain()))
            // Keeps automatic replies from answering (RFC 3834).
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .header("Content-Language", Raw::new(language_tag(self.language)))
            // RFC 8058: the mail program posts to the link when its reader wishes for no more.
            .header("List-Unsubscribe", URL::new(self.unsubscribe.to_owned()))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
    }
}

const fn language_tag(language: Language) -> &'static str {
    match language {
        Language::PtBr => "pt-BR",
        Language::EnUs => "en-US",
        Language::Es => "es",
    }
}

/// A mail's words, for programs that show HTML and for those that don't.
fn readable(plain: String, html: String) -> MimePart<'static> {
    MimePart::new(
        "multipart/alternative",
        vec![
            MimePart::new("text/plain", BodyPart::Text(plain.into())),
            MimePart::new("text/html", BodyPart::Text(html.into())),
        ],
    )
}

/// The file as an attachment: base64 always, so that no relay touches a line end of it, and its
/// size doesn't depend on what stands in it.
fn attachment(file: &[u8], name: String) -> MimePart<'static> {
    MimePart::new(
        ContentType::new("text/csv").attribute("charset", "utf-8"),
        BodyPart::Binary(base64::lines(file).into()),
    )
    .attachment(name)
    .transfer_encoding("base64")
}
