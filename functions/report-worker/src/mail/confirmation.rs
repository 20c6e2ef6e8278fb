//! The mail that asks somebody whether they want an account's reports. It holds nothing that the
//! store's people wrote: whoever types an address in can't make us say anything to it.

use std::fmt::Write as _;

use chrono_tz::Tz;
use shared::domain::reports::report::Report;
use shared::domain::values::campaign::Language;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::instant::Instant;

use super::words::{ENGLISH, LATIN, escaped};
use super::{Head, MailError, readable};

/// A mail that asks to confirm.
#[derive(Debug)]
pub struct Confirmation<'a> {
    /// The report that waits for the answer.
    pub report: &'a Report,
    /// The sender.
    pub from: &'a EmailAddress,
    /// The reader's language.
    pub language: Language,
    /// The store's time zone.
    pub zone: Tz,
    /// Where they confirm.
    pub link: String,
    /// When that ends.
    pub valid_until: Instant,
    /// Where they end all of the account's mails.
    pub unsubscribe: String,
    /// When it is written.
    pub at: Instant,
}

/// What it says, not yet escaped.
struct Words {
    subject: String,
    asked: String,
    confirm: String,
    ignore: &'static str,
    footer: &'static str,
    unsubscribe: &'static str,
}

impl Confirmation<'_> {
    /// The message as it goes over the wire (RFC 5322).
    pub fn compose(self) -> Result<Vec<u8>, MailError> {
        let words = self.words();
        let head = Head {
            from: self.from,
            to: &self.report.email,
            subject: &words.subject,
            id: &format!("{}.confirm.{}", self.report.id, self.report.attempts),
            language: self.language,
            unsubscribe: &self.unsubscribe,
            at: self.at,
        };
        let body = readable(self.plain(&words), self.html(&words));
        head.message().body(body).write_to_vec().map_err(MailError)
    }

    fn words(&self) -> Words {
        let account = &self.report.account;
        let until = |time: &str| {
            self.valid_until.to_utc().with_timezone(&self.zone).format(time).to_string()
        };
        match self.language {
            Language::PtBr => Words {
                subject: format!("Confirme: relatórios da loja {account} por e-mail"),
                asked: format!(
                    "Pediram que os relatórios de conversões do WhatsApp da loja {account} sejam enviados para este endereço."
                ),
                confirm: format!(
                    "Se você quer recebê-los, confirme neste link, que vale até {}:",
                    until(LATIN.time)
                ),
                ignore: "Se você não esperava este e-mail, ignore-o: nenhum relatório será enviado.",
                footer: "Este e-mail foi enviado automaticamente.",
                unsubscribe: "Para não receber mais e-mails desta loja:",
            },
            Language::EnUs => Words {
                subject: format!("Please confirm: reports of the store {account} by email"),
                asked: format!(
                    "Somebody asked for the WhatsApp conversions reports of the store {account} to be sent to this address."
                ),
                confirm: format!(
                    "If you want to receive them, confirm by this link, which works until {}:",
                    until(ENGLISH.time)
                ),
                ignore: "If you didn't expect this email, ignore it: no report will be sent.",
                footer: "This email was sent automatically.",
                unsubscribe: "To receive no more emails of this store:",
            },
            Language::Es => Words {
                subject: format!("Confirme: informes de la tienda {account} por correo"),
                asked: format!(
                    "Alguien pidió que los informes de conversiones de WhatsApp de la tienda {account} se envíen a esta dirección."
                ),
                confirm: format!(
                    "Si quiere recibirlos, confírmelo en este enlace, válido hasta el {}:",
                    until(LATIN.time)
                ),
                ignore: "Si no esperaba este correo, ignórelo: no se enviará ningún informe.",
                footer: "Este correo se envió automáticamente.",
                unsubscribe: "Para no recibir más correos de esta tienda:",
            },
        }
    }

    fn plain(&self, words: &Words) -> String {
        let mut out = String::new();
        // Writing into a String never fails, here and below.
        let _ = write!(
            out,
            "{}\r\n\r\n{}\r\n{}\r\n\r\n{}\r\n\r\n{}\r\n{}\r\n{}\r\n",
            words.asked,
            words.confirm,
            self.link,
            words.ignore,
            words.footer,
            words.unsubscribe,
            self.unsubscribe,
        );
        out
    }

    fn html(&self, words: &Words) -> String {
        let (link, unsubscribe) = (escaped(&self.link), escaped(&self.unsubscribe));
        let mut out = String::new();
        let _ = write!(
            out,
            "<!DOCTYPE html>\r\n<html lang=\"{}\">\r\n<head><meta charset=\"utf-8\"><title>{}</title></head>\r\n\
             <body style=\"font-family: sans-serif\">\r\n<p>{}</p>\r\n<p>{}<br><a href=\"{link}\">{link}</a></p>\r\n\
             <p>{}</p>\r\n<p style=\"color: #555\">{}<br>{}<br><a href=\"{unsubscribe}\">{unsubscribe}</a></p>\r\n\
             </body>\r\n</html>\r\n",
            super::language_tag(self.language),
            escaped(&words.subject),
            escaped(&words.asked),
            escaped(&words.confirm),
            escaped(words.ignore),
            escaped(words.footer),
            escaped(words.unsubscribe),
        );
        out
    }
}
