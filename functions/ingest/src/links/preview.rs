//! Who opens links without a shopper's tap.

/// Parts of the `User-Agent` of programs that fetch a link to preview, index or scan it, in lower
/// case. Their requests would make a reminder look clicked that nobody has seen. Shoppers' own
/// browsers, also those inside apps, name themselves otherwise.
const AGENTS: &[&str] = &[
    // Message apps that show a preview. `WhatsApp` has a slash: its in-app browser has none.
    "whatsapp/",
    "telegrambot",
    "slackbot",
    "slack-imgproxy",
    "discordbot",
    "skypeuripreview",
    "microsoftpreview",
    "viber/",
    "line-poker",
    "kakaotalk-scrap",
    // Social networks.
    "facebookexternalhit",
    "facebot",
    "meta-externalagent",
    "meta-externalfetcher",
    "twitterbot",
    "linkedinbot",
    "pinterestbot",
    "redditbot",
    "vkshare",
    // Search engines, and the scanners that run under their names.
    "googlebot",
    "google-safety",
    "google-inspectiontool",
    "googleimageproxy",
    "adsbot-google",
    "bingbot",
    "bingpreview",
    "applebot",
    "yandexbot",
    "duckduckbot",
    "baiduspider",
];

/// Whether a request with this `User-Agent` is no shopper's.
pub(super) fn is_agent(user_agent: &str) -> bool {
    let user_agent = user_agent.to_ascii_lowercase();
    AGENTS.iter().any(|agent| user_agent.contains(agent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previewers_are_told_from_browsers() {
        for agent in [
            "WhatsApp/2.23.20.0 A",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "TelegramBot (like TwitterBot)",
        ] {
            assert!(is_agent(agent), "{agent}");
        }
        for browser in [
            "",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/480.0]",
        ] {
            assert!(!is_agent(browser), "{browser}");
        }
    }

    #[test]
    fn agents_are_listed_in_lower_case() {
        assert!(AGENTS.iter().all(|agent| agent.to_ascii_lowercase() == **agent));
    }
}
