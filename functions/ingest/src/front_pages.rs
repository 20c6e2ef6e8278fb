//! The front pages of stores whose links were made or followed of late: where a shopper is led whose
//! link can't be read for now.

use std::sync::Arc;

use http::HeaderValue;
use shared::domain::values::account::StoreUrl;
use shared::domain::values::ids::LinkToken;
use shared::domain::values::instant::Instant;
use shared::intake::cache::{Cache, FOR_GOOD};
use shared::runtime::clock::Clock;
use shared::store::links::Link;

/// Front pages by the tags of accounts, which tokens carry. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct FrontPages {
    clock: Clock,
    known: Arc<Cache<String, Known>>,
}

/// A store's front page, and when the link was made by which it is known.
#[derive(Debug, Clone)]
struct Known {
    page: HeaderValue,
    since: Instant,
}

impl FrontPages {
    /// None are known yet.
    pub(crate) fn new(clock: Clock) -> Self {
        // An old one is better than none.
        Self { clock, known: Arc::new(Cache::lasting(FOR_GOOD)) }
    }

    /// Learns a link's: its target was found to be within the store when it was made. A store can move,
    /// so an older link says nothing new.
    pub(crate) fn learn(&self, link: &Link) {
        let page = StoreUrl::front_page_of(&link.url);
        let page = page.and_then(|page| HeaderValue::from_str(page.as_str()).ok());
        if let (Some(tag), Some(page)) = (link.token.account_tag(), page) {
            let (tag, since, now) = (tag.to_owned(), link.created_at, self.clock.now());
            if self.known.get(&tag, now).is_none_or(|known| known.since <= since) {
                self.known.put(tag, Known { page, since }, now);
            }
        }
    }

    /// That of the store which a token was minted for, where any of its links was seen here.
    pub(crate) fn of(&self, token: &LinkToken) -> Option<HeaderValue> {
        let known = self.known.get(&token.account_tag()?.to_owned(), self.clock.now());
        known.map(|known| known.page)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use shared::domain::values::account::Account;
    use shared::domain::values::ids::CampaignId;
    use shared::domain::values::span::Span;

    use super::*;

    #[test]
    fn an_older_link_does_not_lead_back_to_where_the_store_was() {
        let now = Instant::parse_rfc3339("2026-11-22T12:00:00Z").unwrap();
        let link = |host: &str, created_at| Link {
            token: LinkToken::new(&[7; 16], &Account::parse("acme").unwrap().tag()),
            account: Account::parse("acme").unwrap(),
            campaign_id: CampaignId::parse("c1").unwrap(),
            url: format!("https://{host}.example/cart"),
            created_at,
            reminder: None,
            full: false,
        };
        let pages = FrontPages::new(Clock::manual(now));
        let (old, new) = (link("old", now.minus(Span::days(30))), link("new", now));
        for (seen, led) in [(&old, "old"), (&new, "new"), (&old, "new")] {
            pages.learn(seen);
            let page = pages.of(&new.token).unwrap();
            assert_eq!(page, format!("https://{led}.example/"));
        }
    }
}
