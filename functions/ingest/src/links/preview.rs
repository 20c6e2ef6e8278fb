//! Who opens links without a shopper's tap: a machine that says that it is one (R4). Its request would
//! make a reminder look delivered, read and clicked that nobody has seen.

use http::header::{HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

/// Words in the `User-Agent` by which programs say what they are, in lower case.
const WORDS: &[&str] = &["bot", "crawler", "spider", "preview", "headlesschrome"];

/// Parts of the `User-Agent` of known programs that fetch a link to preview or scan it and say so by
/// none of the [`WORDS`], in lower case.
const PREVIEWERS: &[&str] = &[
    // Message apps. `WhatsApp` has a slash: its in-app browser has none.
    "whatsapp/",
    "slack-imgproxy",
    "viber/",
    "line-poker",
    "kakaotalk-scrap",
    // Social networks.
    "facebookexternalhit",
    "meta-externalagent",
    "meta-externalfetcher",
    "vkshare",
    // Search engines, and the scanners that run under their names.
    "google-safety",
    "google-inspectiontool",
    "googleimageproxy",
];

/// What people's devices are called that have one of the [`WORDS`] in their name.
const DEVICES: &[&str] = &["cubot"];

/// The headers in which a browser says why it asks.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];
/// What they say when nobody tapped: the page is fetched, or even built, in case somebody will.
const AHEAD: &[&str] = &["prefetch", "prerender", "preview"];

/// Whether a request with these headers says that it is no shopper's. A program that says nothing of the
/// kind (`curl/8.5.0`, no agent at all) can't be told from a shopper, whose tap must not be lost.
pub(super) fn is_machine(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(lower_case).unwrap_or_default();
    is_agent(&agent) || PURPOSES.iter().any(|purpose| is_ahead(headers, purpose))
}

fn is_agent(agent: &str) -> bool {
    let agent = DEVICES.iter().fold(agent.to_owned(), |agent, device| agent.replace(device, ""));
    WORDS.iter().chain(PREVIEWERS).any(|word| agent.contains(word))
}

fn is_ahead(headers: &HeaderMap, purpose: &HeaderName) -> bool {
    let told = |value| AHEAD.iter().any(|word| lower_case(value).contains(word));
    headers.get_all(purpose).iter().any(told)
}

fn lower_case(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";

    fn with(headers: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        headers.iter().map(header).collect()
    }

    #[test]
    fn r4_agents_that_say_what_they_are_are_told_from_browsers() {
        for agent in [
            "WhatsApp/2.23.20.0 A",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "TelegramBot (like TwitterBot)",
            // Nobody ever listed these.
            "Mozilla/5.0 (compatible; NobodysBot/0.1)",
            "SomeCrawler",
            "acme-spider/3",
            "LinkPreview/1.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 10; CUBOT_X30) SomeBot/1",
        ] {
            assert!(is_machine(&with(&[("user-agent", agent)])), "{agent}");
        }
        for browser in [
            "",
            BROWSER,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/480.0]",
            // A telephone whose maker is called so.
            "Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            // Plain clients say nothing of themselves.
            "curl/8.5.0",
            "python-requests/2.32.3",
        ] {
            assert!(!is_machine(&with(&[("user-agent", browser)])), "{browser}");
        }
        assert!(!is_machine(&HeaderMap::new()));
    }

    #[test]
    fn r4_a_browser_that_fetches_ahead_says_so() {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch;anonymous-client-ip"),
            ("purpose", "prefetch"),
            ("purpose", "Preview"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
            ("sec-purpose", "prerender"),
        ] {
            let headers = with(&[("user-agent", BROWSER), (name, value)]);
            assert!(is_machine(&headers), "{name}: {value}");
        }
        for (name, value) in
            [("sec-purpose", ""), ("purpose", "navigation"), ("sec-fetch-mode", "navigate")]
        {
            let headers = with(&[("user-agent", BROWSER), (name, value)]);
            assert!(!is_machine(&headers), "{name}: {value}");
        }
        let mut twice = with(&[("purpose", "navigation")]);
        twice.append("purpose", HeaderValue::from_static("prefetch"));
        assert!(is_machine(&twice));
    }

    #[test]
    fn words_are_listed_in_lower_case() {
        let lists = [WORDS, PREVIEWERS, DEVICES, AHEAD].concat();
        assert!(lists.iter().all(|word| word.to_ascii_lowercase() == **word));
    }

    #[test]
    fn a_known_previewer_is_listed_for_what_no_word_tells() {
        let told = |agent: &&&str| WORDS.iter().any(|word| agent.contains(word));
        assert_eq!(PREVIEWERS.iter().find(told), None);
    }
}
