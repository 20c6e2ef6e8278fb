//! What the handlers need of `WhatsApp`: Meta's Graph API, and who contacts are.

use shared::domain::rules::answer::{Action, Answer, action};
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::graph::client::GraphError;
use shared::graph::{AccessToken, GraphApi};
use shared::runtime::config::{ConfigError, Settings};
use shared::store::whatsapp::{Blocked, Connection};
use shared::telemetry::{Counter, count};
use shared::web::Problem;

use crate::Deps;

/// How `WhatsApp` is reached, and what messages need of this deployment.
#[derive(Debug, Clone)]
pub struct Whatsapp {
    pub(crate) graph: GraphApi,
    /// The key of contacts.
    pub(crate) phone_key: PhoneKey,
    /// The base of tracked links.
    pub(crate) public_url: String,
}

impl Whatsapp {
    /// Messages leave through `graph` and carry links below `public_url` (no slash at its end); contacts are known
    /// under `phone_key`.
    #[must_use]
    pub fn new(graph: GraphApi, phone_key: PhoneKey, public_url: impl Into<String>) -> Self {
        Self { graph, phone_key, public_url: public_url.into() }
    }

    /// Meta's own Graph, and the public address that the settings name.
    pub(crate) fn from_settings(
        settings: &Settings<'_>,
        phone_key: PhoneKey,
    ) -> Result<Self, ConfigError> {
        let graph = GraphApi::from_settings(settings)?;
        Ok(Self::new(graph, phone_key, settings.base_url("PUBLIC_URL")?))
    }
}

impl Deps {
    /// How `WhatsApp` is reached.
    pub(crate) fn whatsapp(&self) -> Result<&Whatsapp, Problem> {
        let started = "the function was started without a way to WhatsApp";
        self.whatsapp.as_deref().ok_or_else(|| Problem::internal(started))
    }
}

/// An account's connection and its token; 409 `whatsapp-not-connected` without one.
pub(crate) async fn connected(
    deps: &Deps,
    account: &Account,
) -> Result<(Connection, AccessToken), Problem> {
    let connection = deps.table.whatsapp(account).await?.ok_or_else(|| {
        Problem::conflict("whatsapp-not-connected", "the account is not connected to WhatsApp")
    })?;
    let token = connection.token(account, &deps.sealing)?;
    Ok((connection, AccessToken::new(token.expose())))
}

/// The instant from which what Meta answers to a call of `now` holds: its clock counts whole seconds, and what it tells
/// by webhook of this very second must not count as older than the call.
pub(crate) const fn before_meta(now: Instant) -> Instant {
    Instant::from_millis(now.seconds() * 1_000).minus(Span::seconds(1))
}

/// What Meta's refusal of a call becomes in an answer. One that says that Meta takes nothing of the account is noted,
/// as if a message had been refused.
pub(crate) async fn refused(
    deps: &Deps,
    account: &Account,
    connection: &Connection,
    error: GraphError,
) -> Problem {
    let GraphError::Refused { code, .. } = &error else { return Problem::unavailable(error) };
    let Some(code) = *code else { return Problem::unavailable(error) };
    if action(Answer::Code(code), 1) != Action::Blocked {
        return Problem::conflict(
            "whatsapp-refused",
            format!("Meta refused it with its code {code}"),
        );
    }
    let blocked = Blocked { code, since: deps.clock.now() };
    match deps.table.whatsapp_block(account, &connection.phone_number_id, blocked).await {
        Ok(written) => {
            count(Counter::AccountsBlocked, u64::from(written.is_changed()));
            account_blocked(code)
        }
        Err(error) => error.into(),
    }
}

/// Meta takes nothing of the account at present.
pub(crate) fn account_blocked(code: u32) -> Problem {
    let detail = format!("Meta takes nothing of this account at present: its code is {code}");
    Problem::conflict("account-blocked", detail)
}
