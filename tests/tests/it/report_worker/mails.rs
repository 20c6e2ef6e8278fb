//! What arrives.

use mail_parser::{MessageParser, MimeHeaders as _};
use report_worker::mail::{Contents, Letter};
use shared::domain::facts::event::Receipt;
use shared::domain::reports::report::{DownloadToken, Report, ReportFile, ReportStatus};
use shared::domain::values::campaign::{CampaignName, Language};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::limits::REPORT_ATTACHMENT_BYTES;

use crate::report_worker::minutes;
use crate::store::facts::item;
use crate::store::worker::Worker;
use crate::store::{NOON, Store, ZONE, at};

/// A store with conversions in two currencies.
async fn busy() -> Worker {
    let store = Store::open_at_noon().await;
    store
        .conversion("a", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 123_456_789)
        .await;
    let sent = "2026-11-03T10:00:00-03:00";
    store.sent_with("r", "c1", sent, "u", vec![item("1", "Café", 1, 5_000)]).await;
    store.receipt("r", Receipt::Delivered, sent).await;
    let when = ("2026-11-03T11:00:00-03:00", "2026-11-03T11:00:00-03:00");
    store.part("b", ("01", "created"), when, "u", ("CLP", 5_000)).await;
    store.settle().await;
    Worker::of(&store).await
}

#[tokio::test]
async fn a_mail_carries_the_file_as_it_lies_in_the_bucket() {
    let worker = busy().await;
    let report = worker.request(None).await;
    worker.deliver(&report).await;

    let mail = worker.ses.mail();
    assert_eq!(mail.source, "reports@campaigns.example");
    assert_eq!(mail.destinations, ["bia@store.example"]);
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let address = |list: Option<&mail_parser::Address<'_>>| {
        list.unwrap().first().unwrap().address().unwrap().to_owned()
    };
    assert_eq!(address(parsed.from()), "reports@campaigns.example");
    assert_eq!(address(parsed.to()), "bia@store.example");
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-22T15:00:00Z");
    assert_eq!(parsed.message_id().unwrap(), format!("{}@campaigns.example", report.id));
    assert_eq!(parsed.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    // Whoever asked for it, its reader can end it (RFC 8058).
    let one_click = parsed.header_raw("List-Unsubscribe-Post").unwrap();
    assert_eq!(one_click.trim(), "List-Unsubscribe=One-Click");
    let link = parsed.header_raw("List-Unsubscribe").unwrap().trim();
    let link = link.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned();
    assert!(link.starts_with("https://api.example/u/"), "{link}");
    assert_eq!(parsed.attachment_count(), 1);
    let attached = parsed.attachment(0).unwrap();
    assert_eq!(attached.attachment_name(), Some("conversions-2026-11-01-2026-11-30.csv"));
    let kind = attached.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("text", Some("csv")));
    assert_eq!(kind.attribute("charset"), Some("utf-8"));
    // No relay may touch its line ends.
    assert_eq!(attached.content_transfer_encoding(), Some("base64"));

    let stored = worker.stored(&report).await;
    assert_eq!(stored.status, ReportStatus::Mailed);
    let file = stored.file.unwrap();
    assert!(file.attached);
    assert_eq!(file.rows, 2);
    // A text part: mail-parser decodes it, so compare what was in the base64.
    assert_eq!(attached.contents(), worker.s3.read(&file.s3_key).await);
    let text = parsed.body_text(0).unwrap();
    assert!(text.contains("1.234.567,89"), "{text}");
    // The token is random.
    let told = |text: &str| text.replace("\r\n", "\n").replace(&link, "[unsubscribe]");
    insta::assert_snapshot!(told(&text));
    insta::assert_snapshot!(told(&parsed.body_html(0).unwrap()));
    // Readable by any program: ASCII, and no line beyond what RFC 5322 allows.
    assert!(mail.raw.is_ascii());
    assert!(mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 + 1));
}

#[tokio::test]
async fn a_campaigns_report_speaks_the_accounts_language() {
    let worker = busy().await;
    worker.store.add_campaign("c4", "Abandoned carts", Language::EnUs).await;
    let report = worker.request(Some("c4")).await;
    worker.deliver(&report).await;
    let mail = worker.ses.mail();
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    assert_eq!(
        parsed.subject().unwrap(),
        "Relatório de conversões do WhatsApp: 01/11/2026 a 30/11/2026"
    );
    assert!(parsed.body_text(0).unwrap().contains("Campanha: Abandoned carts"));
}

/// Whoever may name a campaign may not send links to others through us.
#[tokio::test]
async fn a_campaigns_name_carries_no_link() {
    let worker = busy().await;
    let name = "Prize at https://evil.example/win or bob@evil.example \u{202e}now";
    worker.store.add_campaign("c4", name, Language::EnUs).await;
    let report = worker.request(Some("c4")).await;
    worker.deliver(&report).await;
    let mail = worker.ses.mail();
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
    let told = "Prize at https: //evil. example/win or bob@ evil. example now";
    assert!(text.contains(&format!("Campanha: {told}\r\n")), "{text}");
    assert!(html.contains(&format!("<td>{told}</td>")), "{html}");
    for part in [parsed.subject().unwrap(), &text, &html] {
        assert!(!part.contains("evil.example") && !part.contains('\u{202e}'), "{part}");
    }
}

#[tokio::test]
async fn a_file_at_the_limit_is_attached_and_one_beyond_is_linked() {
    let worker = busy().await;
    let size = worker.built(&worker.deps).await.0.bytes;
    let deps = worker.deps.clone().with_attachment_bytes(size);
    let report = worker.request(None).await;
    worker.deliver_to(&deps, &report).await;
    assert!(worker.stored(&report).await.file.unwrap().attached);

    worker.store.pass(minutes(1));
    let deps = worker.deps.clone().with_attachment_bytes(size - 1);
    let report = worker.request(None).await;
    worker.deliver_to(&deps, &report).await;
    let file = worker.stored(&report).await.file.unwrap();
    assert!(!file.attached);
    let mails = worker.ses.mails();
    let parsed = MessageParser::default().parse(&mails[1].raw).unwrap();
    assert_eq!(parsed.attachment_count(), 0);
    let text = parsed.body_text(0).unwrap();
    let url = text.lines().find(|line| line.starts_with("https://api.example/d/")).unwrap();
    assert!(parsed.body_html(0).unwrap().contains(&format!("<a href=\"{url}\">")));
    assert!(text.contains("vale até 29/11/2026 12:01"), "{text}");

    let token = url.strip_prefix("https://api.example/d/").unwrap();
    let token = DownloadToken::parse(token).unwrap();
    let download = worker.store.table.download(&token).await.unwrap().unwrap();
    assert_eq!((download.account, download.report_id), (report.account, report.id));
    assert_eq!(download.s3_key, file.s3_key);
    assert_eq!(download.valid_until, at("2026-11-29T12:01:00-03:00"));
}

/// A letter of these languages and contents, about one report.
fn letter(report: &Report, language: Language, contents: Contents, one_day: bool) -> Vec<u8> {
    letter_of(report, language, contents, one_day, None)
}

fn letter_of(
    report: &Report,
    language: Language,
    contents: Contents,
    one_day: bool,
    short_of: Option<u64>,
) -> Vec<u8> {
    let from = EmailAddress::parse("reports@campaigns.example").unwrap();
    let name = CampaignName::parse("Carrinho & <café>").unwrap();
    let mut report = report.clone();
    if one_day {
        report.to = report.from;
    }
    let totals = [("BRL", 123_456_789), ("CLP", -1_000)].map(|(currency, sum)| {
        (shared::domain::values::money::Currency::parse(currency).unwrap(), sum)
    });
    let file = ReportFile {
        s3_key: "key".to_owned(),
        as_of: at(NOON),
        rows: 1_234,
        bytes: 1,
        totals: totals.into_iter().collect(),
        attached: matches!(contents, Contents::Attached(_)),
    };
    let letter = Letter {
        report: &report,
        file: &file,
        from: &from,
        language,
        zone: ZONE,
        campaign: one_day.then_some(&name),
        contents,
        short_of,
        unsubscribe: "https://api.example/u/token".to_owned(),
        at: at(NOON),
    };
    letter.compose().unwrap()
}

#[tokio::test]
async fn each_language_has_its_words() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let mut told = Vec::new();
    for language in [Language::PtBr, Language::EnUs, Language::Es] {
        let link = Contents::Link {
            url: "https://api.example/d/token".to_owned(),
            valid_until: at("2026-11-29T12:00:00-03:00"),
        };
        for (contents, one_day) in [(Contents::Attached(b"x".to_vec()), false), (link, true)] {
            let raw = letter(&report, language, contents, one_day);
            let parsed = MessageParser::default().parse(&raw).unwrap();
            let html = parsed.body_html(0).unwrap();
            assert!(!one_day || html.contains("Carrinho &amp; &lt;café&gt;"), "{html}");
            let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
            told.push(format!("{}\n\n{text}", parsed.subject().unwrap()));
        }
    }
    insta::assert_snapshot!(told.join("\n----\n"));
}

/// How many are missing is told where it is known: the file has 1,234 rows.
#[tokio::test]
async fn a_report_that_may_be_incomplete_says_so_in_each_language() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let mut told = Vec::new();
    for language in [Language::PtBr, Language::EnUs, Language::Es] {
        for short_of in [Some(1_236), Some(1_234)] {
            let contents = Contents::Attached(b"x".to_vec());
            let raw = letter_of(&report, language, contents, false, short_of);
            let parsed = MessageParser::default().parse(&raw).unwrap();
            let (html, text) = (parsed.body_html(0).unwrap(), parsed.body_text(0).unwrap());
            let sentence = text.split("\r\n\r\n").nth(3).unwrap().to_owned();
            assert!(html.contains(&format!("<p><strong>{sentence}</strong></p>")), "{html}");
            told.push(sentence);
        }
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    Este relatório pode estar incompleto: tem 1.234 de 1.236 compras. Peça-o de novo mais tarde.
    Este relatório pode estar incompleto. Peça-o de novo mais tarde.
    This report may be incomplete: it has 1,234 of 1,236 purchases. Request it again later.
    This report may be incomplete. Request it again later.
    Este informe puede estar incompleto: tiene 1.234 de 1.236 compras. Solicítelo de nuevo más tarde.
    Este informe puede estar incompleto. Solicítelo de nuevo más tarde.
    ");
}

/// SES v1 takes 10 MB.
#[tokio::test]
async fn the_largest_attachment_fits_a_mail() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let largest = vec![0xe9; usize::try_from(REPORT_ATTACHMENT_BYTES).unwrap()];
    let raw = letter(&report, Language::PtBr, Contents::Attached(largest), false);
    assert!((9_500_000..10_000_000).contains(&raw.len()), "{}", raw.len());
}
