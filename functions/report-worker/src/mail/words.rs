//! What a mail says, in the three languages.

use std::fmt::Write as _;

use shared::domain::rules::credit::{ASSIST_WINDOW, CLICK_THROUGH_WINDOW};
use shared::domain::values::campaign::{CampaignName, Language};
use shared::domain::values::instant::Instant;
use shared::domain::values::money::{Currency, Sums};
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;

use super::plain::plain;
use super::{Contents, Letter, language_tag};

/// The parts of a mail, in the reader's language and not yet escaped.
pub(super) struct Text {
    language_tag: &'static str,
    pub(super) subject: String,
    greeting: &'static str,
    intro: &'static str,
    /// What the report holds: names and values.
    details: Vec<(&'static str, String)>,
    /// That purchases are missing in the file, where they are.
    short: Option<String>,
    /// Where the file is.
    file: String,
    /// The link, where the file isn't attached.
    link: Option<String>,
    /// How is counted (R1, R6, R7).
    counting: String,
    footer: &'static str,
    /// How to end the account's mails, and where.
    unsubscribe: (&'static str, String),
}

/// How a language writes.
pub(super) struct Locale {
    thousands: char,
    decimal: char,
    date: &'static str,
    pub(super) time: &'static str,
}

pub(super) const LATIN: Locale =
    Locale { thousands: '.', decimal: ',', date: "%d/%m/%Y", time: "%d/%m/%Y %H:%M" };
pub(super) const ENGLISH: Locale =
    Locale { thousands: ',', decimal: '.', date: "%b %-d, %Y", time: "%b %-d, %Y %H:%M" };

/// The words of `letter`.
pub(super) fn words(letter: &Letter<'_>) -> Text {
    match letter.language {
        Language::PtBr => portuguese(letter),
        Language::EnUs => english(letter),
        Language::Es => spanish(letter),
    }
}

fn portuguese(letter: &Letter<'_>) -> Text {
    let locale = LATIN;
    let period = locale.period(letter, " a ");
    let name = letter.report.file_name();
    let (file, link) = match &letter.contents {
        Contents::Attached(_) => (format!("O arquivo {name} está anexado a este e-mail."), None),
        Contents::Link { url, valid_until } => (
            format!(
                "O arquivo {name} é grande demais para um anexo. Baixe-o por este link, que vale até {}:",
                locale.time(letter, *valid_until)
            ),
            Some(url.clone()),
        ),
    };
    Text {
        language_tag: language_tag(letter.language),
        subject: format!("Relatório de conversões do WhatsApp: {period}"),
        greeting: "Olá!",
        intro: "Este é o relatório das compras que vieram das suas mensagens de WhatsApp.",
        details: details(
            ("Período (dia de envio dos lembretes)", period),
            campaign(letter, "Campanha", "Campanhas", "todas"),
            ("Dados de", locale.time_and_zone(letter, letter.file.as_of)),
            ("Conversões", locale.number(letter.file.rows)),
            ("Valor total", locale.sums(&letter.file.totals)),
        ),
        short: locale.short(letter, |has| match has {
            Some((rows, of)) => format!(
                "Este relatório pode estar incompleto: tem {rows} de {of} compras. Peça-o de novo \
                 mais tarde."
            ),
            None => "Este relatório pode estar incompleto. Peça-o de novo mais tarde.".to_owned(),
        }),
        file,
        link,
        counting: format!(
            "Como contamos: cada compra entra no dia em que o lembrete foi enviado e é creditada a um só lembrete: o do \
             último clique no link, até {} dias antes da compra; sem clique, o último entregue até {} dias antes dela. \
             Pedidos cancelados não contam.",
            days(CLICK_THROUGH_WINDOW),
            days(ASSIST_WINDOW),
        ),
        footer: "Este e-mail foi enviado automaticamente.",
        unsubscribe: ("Para não receber mais estes relatórios:", letter.unsubscribe.clone()),
    }
}

fn english(letter: &Letter<'_>) -> Text {
    let locale = ENGLISH;
    let period = locale.period(letter, " to ");
    let name = letter.report.file_name();
    let (file, link) = match &letter.contents {
        Contents::Attached(_) => (format!("The file {name} is attached to this email."), None),
        Contents::Link { url, valid_until } => (
            format!(
                "The file {name} is too large to attach. Download it from this link, which works until {}:",
                locale.time(letter, *valid_until)
            ),
            Some(url.clone()),
        ),
    };
    Text {
        language_tag: language_tag(letter.language),
        subject: format!("WhatsApp conversions report: {period}"),
        greeting: "Hello,",
        intro: "This is the report on the purchases that came from your WhatsApp messages.",
        details: details(
            ("Period (day the reminders were sent)", period),
            campaign(letter, "Campaign", "Campaigns", "all"),
            ("Data as of", locale.time_and_zone(letter, letter.file.as_of)),
            ("Conversions", locale.number(letter.file.rows)),
            ("Total value", locale.sums(&letter.file.totals)),
        ),
        short: locale.short(letter, |has| match has {
            Some((rows, of)) => format!(
                "This report may be incomplete: it has {rows} of {of} purchases. Request it again \
                 later."
            ),
            None => "This report may be incomplete. Request it again later.".to_owned(),
        }),
        file,
        link,
        counting: format!(
            "How we count: a purchase belongs to the day its reminder was sent and is credited to one reminder only: the \
             one whose link was clicked last, within {} days before the purchase; without a click, the one delivered last, \
             within {} days before it. Canceled orders don't count.",
            days(CLICK_THROUGH_WINDOW),
            days(ASSIST_WINDOW),
        ),
        footer: "This email was sent automatically.",
        unsubscribe: ("To stop receiving these reports:", letter.unsubscribe.clone()),
    }
}

fn spanish(letter: &Letter<'_>) -> Text {
    let locale = LATIN;
    let period = locale.period(letter, " al ");
    let name = letter.report.file_name();
    let (file, link) = match &letter.contents {
        Contents::Attached(_) => (format!("El archivo {name} va adjunto a este correo."), None),
        Contents::Link { url, valid_until } => (
            format!(
                "El archivo {name} es demasiado grande para adjuntarlo. Descárguelo desde este enlace, válido hasta el {}:",
                locale.time(letter, *valid_until)
            ),
            Some(url.clone()),
        ),
    };
    Text {
        language_tag: language_tag(letter.language),
        subject: format!("Informe de conversiones de WhatsApp: {period}"),
        greeting: "Hola:",
        intro: "Este es el informe de las compras que llegaron por sus mensajes de WhatsApp.",
        details: details(
            ("Período (día de envío de los recordatorios)", period),
            campaign(letter, "Campaña", "Campañas", "todas"),
            ("Datos del", locale.time_and_zone(letter, letter.file.as_of)),
            ("Conversiones", locale.number(letter.file.rows)),
            ("Valor total", locale.sums(&letter.file.totals)),
        ),
        short: locale.short(letter, |has| match has {
            Some((rows, of)) => format!(
                "Este informe puede estar incompleto: tiene {rows} de {of} compras. Solicítelo de \
                 nuevo más tarde."
            ),
            None => {
                "Este informe puede estar incompleto. Solicítelo de nuevo más tarde.".to_owned()
            }
        }),
        file,
        link,
        counting: format!(
            "Cómo contamos: cada compra cuenta en el día en que se envió el recordatorio y se atribuye a un solo recordatorio: \
             el del último clic en su enlace, hasta {} días antes de la compra; sin clic, el último entregado hasta {} días \
             antes de ella. Los pedidos cancelados no cuentan.",
            days(CLICK_THROUGH_WINDOW),
            days(ASSIST_WINDOW),
        ),
        footer: "Este correo se envió automáticamente.",
        unsubscribe: ("Para dejar de recibir estos informes:", letter.unsubscribe.clone()),
    }
}

type Detail = (&'static str, String);

/// The details in their order; a value that is empty (no conversion, no sum) is left out.
fn details(
    period: Detail,
    campaign: Detail,
    as_of: Detail,
    rows: Detail,
    totals: Detail,
) -> Vec<Detail> {
    let mut details = vec![period, campaign, as_of, rows, totals];
    details.retain(|(_, value)| !value.is_empty());
    details
}

fn campaign(letter: &Letter<'_>, one: &'static str, many: &'static str, all: &str) -> Detail {
    let named = |name: &CampaignName| (one, plain(name.as_str()));
    match (letter.campaign, &letter.report.campaign_id) {
        (Some(name), _) => named(name),
        (None, Some(id)) => (one, id.to_string()),
        (None, None) => (many, all.to_owned()),
    }
}

/// A span of R6 in days, as people say it.
const fn days(span: Span) -> i64 {
    span.as_seconds() / 86_400
}

impl Locale {
    fn period(&self, letter: &Letter<'_>, between: &str) -> String {
        let (from, to) = (self.day(letter.report.from), self.day(letter.report.to));
        if from == to { from } else { format!("{from}{between}{to}") }
    }

    fn day(&self, day: StoreDay) -> String {
        day.date().format(self.date).to_string()
    }

    /// In the store's time.
    fn time(&self, letter: &Letter<'_>, at: Instant) -> String {
        at.to_utc().with_timezone(&letter.zone).format(self.time).to_string()
    }

    fn time_and_zone(&self, letter: &Letter<'_>, at: Instant) -> String {
        format!("{} ({})", self.time(letter, at), letter.zone)
    }

    fn number(&self, number: u64) -> String {
        self.grouped(&number.to_string())
    }

    /// Sums by currency, which are never added (R8).
    fn sums(&self, sums: &Sums) -> String {
        let told = |(currency, sum): (&Currency, &i64)| {
            format!("{currency} {}", self.money(currency, *sum))
        };
        sums.iter().map(told).collect::<Vec<String>>().join("; ")
    }

    fn money(&self, currency: &Currency, minor_units: i64) -> String {
        let decimal = currency.decimal(minor_units, self.decimal);
        match decimal.split_once(self.decimal) {
            Some((whole, fraction)) => format!("{}{}{fraction}", self.grouped(whole), self.decimal),
            None => self.grouped(&decimal),
        }
    }

    /// What `sentence` says of a file that lacks purchases: of how many it has of how many, where
    /// more than their value is known.
    fn short(
        &self,
        letter: &Letter<'_>,
        sentence: impl FnOnce(Option<(String, String)>) -> String,
    ) -> Option<String> {
        let (rows, of) = (letter.file.rows, letter.short_of?);
        Some(sentence((of > rows).then(|| (self.number(rows), self.number(of)))))
    }

    /// Digits in groups of three, the sign apart.
    fn grouped(&self, digits: &str) -> String {
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
        let mut grouped = sign.to_owned();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(self.thousands);
            }
            grouped.push(digit);
        }
        grouped
    }
}

impl Text {
    /// The text for programs that show no HTML.
    pub(super) fn plain(&self) -> String {
        let mut out = format!("{}\r\n\r\n{}\r\n\r\n", self.greeting, self.intro);
        // Writing into a String never fails, here and below.
        for (name, value) in &self.details {
            let _ = write!(out, "{name}: {value}\r\n");
        }
        if let Some(short) = &self.short {
            let _ = write!(out, "\r\n{short}\r\n");
        }
        let _ = write!(out, "\r\n{}\r\n", self.file);
        if let Some(link) = &self.link {
            let _ = write!(out, "{link}\r\n");
        }
        let (words, link) = &self.unsubscribe;
        let _ =
            write!(out, "\r\n{}\r\n\r\n{}\r\n{words}\r\n{link}\r\n", self.counting, self.footer);
        out
    }

    /// The same as simple HTML.
    pub(super) fn html(&self) -> String {
        let mut out = format!(
            "<!DOCTYPE html>\r\n<html lang=\"{}\">\r\n<head><meta charset=\"utf-8\"><title>{}</title></head>\r\n\
             <body style=\"font-family: sans-serif\">\r\n<p>{}</p>\r\n<p>{}</p>\r\n<table cellpadding=\"4\">\r\n",
            self.language_tag,
            escaped(&self.subject),
            escaped(self.greeting),
            escaped(self.intro),
        );
        for (name, value) in &self.details {
            let _ = write!(
                out,
                "<tr><th align=\"left\">{}</th><td>{}</td></tr>\r\n",
                escaped(name),
                escaped(value)
            );
        }
        out.push_str("</table>\r\n");
        if let Some(short) = &self.short {
            let _ = write!(out, "<p><strong>{}</strong></p>\r\n", escaped(short));
        }
        let _ = write!(out, "<p>{}", escaped(&self.file));
        if let Some(link) = &self.link {
            let link = escaped(link);
            let _ = write!(out, "<br><a href=\"{link}\">{link}</a>");
        }
        let (words, link) = &self.unsubscribe;
        let link = escaped(link);
        let _ = write!(
            out,
            "</p>\r\n<p style=\"color: #555\">{}</p>\r\n<p style=\"color: #555\">{}<br>{}<br>\
             <a href=\"{link}\">{link}</a></p>\r\n</body>\r\n</html>\r\n",
            escaped(&self.counting),
            escaped(self.footer),
            escaped(words),
        );
        out
    }
}

/// Text within HTML, in an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
