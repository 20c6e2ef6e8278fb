//! `POST /carts/{account}`: a shopper's browser says that a cart lives; and what a store's backend tells of
//! one (`cart.updated`).
//!
//! A storefront can't keep a secret. So nothing of what a browser says is believed but that the cart lives:
//! whose it is and what is in it is asked of the store before a message is sent. The answer is the same in
//! any case, so that it tells nobody which accounts and carts there are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use shared::domain::facts::cart::Beat;
use shared::domain::values::account::Account;
use shared::domain::values::identity::{Identities, PhoneKey};
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::CartId;
use shared::domain::values::limits::{
    BEAT_BODY_BYTES, NEW_CARTS_PER_MINUTE_IN_DOUBT, NEW_CARTS_PER_SECOND,
};
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::sending::{Delay, Trigger};
use shared::domain::values::span::Span;
use shared::intake::cache::Cache;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::carts::data::{CartField, Saying};
use shared::store::carts::{BeatWritten, Terms};
use shared::store::facts::Written;
use shared::store::names::Naming;
use shared::store::{StoreError, Table};
use shared::telemetry::{Counter, chain, count};
use shared::web::api::PublicProblems;
use shared::web::{Problem, RawBody};
use utoipa::ToSchema;

use crate::sender::{NamedAccount, account_of};

/// How long what an account's campaigns ask of a beat is used before it is read again: sending that is
/// switched on begins with the carts of a minute later.
const TERMS_LAST: Span = Span::seconds(60);

/// Accounts whose new carts one instance counts at once: far more than it meets in a second.
const ACCOUNTS_COUNTED: usize = 5_000;

/// What carts are taken with. Cheap to clone; clones share what was read.
#[derive(Debug, Clone)]
pub struct Carts {
    table: Table,
    clock: Clock,
    phone_key: PhoneKey,
    sealing: SealingKey,
    asked: Arc<Cache<Account, Asked>>,
    /// The second or minute that is counted in, and how many carts were new in it.
    begun: Arc<Mutex<HashMap<Account, (i64, u32)>>>,
}

/// What is asked of an account's beats.
#[derive(Debug, Clone, Copy)]
struct Asked {
    terms: Terms,
    /// Whether its store can be asked for a cart.
    reads_carts: bool,
    /// Whether most of the carts that were read don't exist: browsers begin few for a while.
    are_made_up: bool,
}

/// What a browser says of a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BrowserBeat {
    /// The order form.
    #[schema(value_type = String, example = "0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    order_form_id: OrderForm,
    /// Where in the checkout the shopper is.
    page: Page,
}

/// Where in the checkout a shopper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Page {
    /// At the payment.
    Payment,
    /// Anywhere else.
    Other,
}

/// `cart.updated`: what a store's backend tells of a cart.
pub struct CartUpdated {
    /// The order form.
    pub(crate) order_form: OrderForm,
    /// The sign of life.
    pub(crate) beat: Beat,
    /// Whom it names (R5).
    pub(crate) named: Identities,
    /// What it says beside, field by field.
    pub(crate) fields: Vec<(CartField, Instant, Option<String>)>,
}

impl std::fmt::Debug for CartUpdated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CartUpdated").field("order_form", &self.order_form).finish_non_exhaustive()
    }
}

impl Carts {
    /// Carts in `table`.
    #[must_use]
    pub fn new(table: Table, clock: Clock, phone_key: PhoneKey, sealing: SealingKey) -> Self {
        let (asked, begun) = (Arc::new(Cache::lasting(TERMS_LAST)), Arc::default());
        Self { table, clock, phone_key, sealing, asked, begun }
    }

    /// What the account's sending campaigns ask of a beat; of one that sends nothing, nothing begins.
    async fn asked(&self, account: &Account) -> Result<Asked, StoreError> {
        let now = self.clock.now();
        if let Some(asked) = self.asked.get(account, now) {
            return Ok(asked);
        }
        let campaigns = self.table.campaigns(account).await?;
        let sending = campaigns.iter().filter_map(|campaign| campaign.sending.as_ref());
        let sending: Vec<_> = sending.filter(|sending| sending.enabled).collect();
        let delay = sending.iter().map(|sending| sending.delay_minutes).min();
        let terms = Terms {
            any_page: sending.iter().any(|sending| sending.trigger == Trigger::Any),
            any_campaign: !sending.is_empty(),
            delay: delay.unwrap_or(Delay::DEFAULT).span(),
        };
        let mut asked = Asked { terms, reads_carts: false, are_made_up: false };
        // Of an account that sends nothing no more is asked: anybody can name one.
        if terms.any_campaign {
            asked.reads_carts = self.table.vtex(account).await?.is_some();
            asked.are_made_up = self.table.carts_read(account, now).await?.are_made_up();
        }
        self.asked.put(account.clone(), asked, now);
        Ok(asked)
    }

    /// Whether a browser may begin one more cart of an account: one that can be looked at later, at the store or by
    /// what its backend told, and no more than so many a second; a few a minute while most of them are made up.
    async fn may_begin(
        &self,
        account: &Account,
        id: &CartId,
        asked: Asked,
    ) -> Result<bool, StoreError> {
        if !asked.reads_carts && !self.table.cart_is_told(account, id).await? {
            return Ok(false);
        }
        let now = self.clock.now();
        if asked.are_made_up {
            count(Counter::CartsMadeUp, 1);
            let is_below =
                self.is_below(account, now.seconds() / 60, NEW_CARTS_PER_MINUTE_IN_DOUBT);
            return Ok(is_below && self.table.cart_may_begin_in_doubt(account, now).await?);
        }
        Ok(self.is_below(account, now.seconds(), NEW_CARTS_PER_SECOND)
            && self.table.cart_may_begin(account, now).await?)
    }

    /// What this instance began itself within this second or minute: a flood that comes to one costs no write each.
    fn is_below(&self, account: &Account, span: i64, most: u32) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() >= ACCOUNTS_COUNTED {
            begun.clear();
        }
        let (counted, carts) = begun.entry(account.clone()).or_insert((span, 0));
        if *counted != span {
            (*counted, *carts) = (span, 0);
        }
        *carts += 1;
        *carts <= most
    }

    /// Takes a sign of life from a browser.
    async fn take(&self, account: &Account, beat: &BrowserBeat) -> Result<BeatWritten, StoreError> {
        let now = self.clock.now();
        let payment = beat.page == Page::Payment;
        let asked = self.asked(account).await?;
        let (terms, id) = (asked.terms, self.phone_key.cart(&beat.order_form_id.id()));
        let told = (Beat { at: now, payment }, Written::Unchanged);
        let form = &beat.order_form_id;
        // Most beats begin nothing: of those that would, it is asked whether they may.
        let beaten =
            self.table.cart_beat((account, &id), form, told, (terms, &|| false), now).await?;
        if beaten != BeatWritten::Refused || !self.may_begin(account, &id, asked).await? {
            return Ok(beaten);
        }
        self.table.cart_beat((account, &id), form, told, (terms, &|| true), now).await
    }

    /// Takes what a store's backend tells of a cart.
    pub async fn update(
        &self,
        account: &Account,
        updated: &CartUpdated,
    ) -> Result<BeatWritten, StoreError> {
        let now = self.clock.now();
        let terms = self.asked(account).await?.terms;
        let id = self.phone_key.cart(&updated.order_form.id());
        let sayings = updated.fields.iter().map(|(field, at, value)| Saying {
            field: *field,
            at: *at,
            digest: self
                .phone_key
                .digest_of(&format!("said#{}", value.as_deref().unwrap_or_default())),
            value: value.as_ref().map(Secret::new),
        });
        let mut told = Written::Unchanged;
        // What is said of a cart that begins nothing isn't kept, nor what was said before an erasure.
        let (table, key) = (&self.table, &self.phone_key);
        let held = table.cart(account, &id).await?;
        let named = || updated.named.each();
        let before = table.marks(key, account, named()).await?.latest(named());
        let sayings: Vec<Saying> =
            sayings.filter(|saying| before.is_none_or(|erased_at| erased_at < saying.at)).collect();
        if (held.is_some() || terms.admit(updated.beat)) && !sayings.is_empty() {
            let naming = Naming::Cart(id.clone());
            table.named_put(key, account, named(), &naming, now).await?;
            told = table.cart_fold(account, &id, sayings, &self.sealing, now).await?;
            // An erasure that marked somebody meanwhile may have looked here before.
            let after = table.marks(key, account, named()).await?.latest(named());
            if let Some(erased_at) = after.filter(|_| after != before) {
                table.cart_forget(account, &id, erased_at, now).await?;
            }
        }
        let beat = (updated.beat, told);
        // It is signed: nobody makes it up.
        self.table
            .cart_beat((account, &id), &updated.order_form, beat, (terms, &|| true), now)
            .await
    }
}

/// Takes a shopper's sign of life. The answer is the same whatever comes.
#[utoipa::path(
    post,
    path = "/carts/{account}",
    operation_id = "beatCart",
    tag = "carts",
    params(("account" = String, Path, description = "The store's account")),
    request_body(content((BrowserBeat = "text/plain")), description = "JSON of at most 1 KB, as `sendBeacon` sends text"),
    responses((status = 202, description = "Whatever was sent"), PublicProblems),
)]
pub(crate) async fn beat(
    State(carts): State<Carts>,
    account: NamedAccount,
    body: Result<RawBody<BEAT_BODY_BYTES>, Problem>,
) -> StatusCode {
    let account = account_of(account).ok();
    let beat =
        body.ok().and_then(|RawBody(body)| serde_json::from_slice::<BrowserBeat>(&body).ok());
    if let (Some(account), Some(beat)) = (account, beat) {
        match carts.take(&account, &beat).await {
            Ok(BeatWritten::Began) => count(Counter::CartsBegun, 1),
            Ok(BeatWritten::Refused) => count(Counter::CartsRefused, 1),
            Ok(BeatWritten::Lives | BeatWritten::Nothing) => {}
            Err(error) => {
                // The next sign of life of the cart tells the same.
                let cause = chain(&error);
                tracing::error!(%account, cause, "a cart's sign of life could not be kept");
                count(Counter::BeatsLost, 1);
            }
        }
    }
    StatusCode::ACCEPTED
}
