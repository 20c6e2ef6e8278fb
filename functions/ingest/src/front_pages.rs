//! The front pages of stores whose links were made or followed of late: where a shopper is led whose
//! link can't be read for now.

use std::sync::Arc;

use http::HeaderValue;
use shared::domain::values::account::StoreUrl;
use shared::domain::values::ids::LinkToken;
use shared::runtime::clock::Clock;
use shared::store::links::Link;

use crate::cache::{Cache, FOR_GOOD};

/// Front pages by the tags of accounts, which tokens carry. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct FrontPages {
    clock: Clock,
    known: Arc<Cache<String, HeaderValue>>,
}

impl FrontPages {
    /// None are known yet.
    pub(crate) fn new(clock: Clock) -> Self {
        // An old one is better than none.
        Self { clock, known: Arc::new(Cache::lasting(FOR_GOOD)) }
    }

    /// Learns a link's: its target was found to be within the store when it was made.
    pub(crate) fn learn(&self, link: &Link) {
        let page = StoreUrl::front_page_of(&link.url);
        let page = page.and_then(|page| HeaderValue::from_str(page.as_str()).ok());
        if let (Some(tag), Some(page)) = (link.token.account_tag(), page) {
            self.known.put(tag.to_owned(), page, self.clock.now());
        }
    }

    /// That of the store which a token was minted for, where any of its links was seen here.
    pub(crate) fn of(&self, token: &LinkToken) -> Option<HeaderValue> {
        self.known.get(&token.account_tag()?.to_owned(), self.clock.now())
    }
}
