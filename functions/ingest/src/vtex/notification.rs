//! What a notification says: which order changed, and whose it is. Its state is not read: the order
//! is, and may have moved on.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::values::ids::OrderId;
use shared::intake::reason::{Code, Reason};
use shared::vtex::order::is_fulfillment;
use utoipa::ToSchema;

/// A ping is below this; nothing longer is parsed before its sender is known.
const PING_BYTES: usize = 1_024;

/// A notification of VTEX's order hook. Members that are not named here are allowed and not read.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
#[expect(dead_code, reason = "documents what `NotificationFields` reads")]
pub(crate) struct Notification {
    /// `Marketplace` or `Fulfillment`; the same change can come under both, and the latter is of no
    /// use.
    #[schema(example = "Marketplace")]
    domain: Option<String>,
    /// The order that changed.
    #[schema(example = "1172452900788-01")]
    order_id: Option<String>,
    /// The state that it changed into.
    #[schema(example = "payment-approved")]
    state: Option<String>,
    /// When it changed.
    #[schema(example = "2026-11-01T12:05:30.7654321Z")]
    last_change: Option<String>,
    /// Whose order it is; the secret says so, too, where this is missing.
    origin: Option<NotificationOrigin>,
    /// `ping`, alone: VTEX tries the address.
    #[schema(rename = "hookConfig", example = "ping")]
    hook_config: Option<String>,
}

/// Whose order it is.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
#[expect(dead_code, reason = "documents what `Origin` reads")]
pub(crate) struct NotificationOrigin {
    /// The VTEX account; must be the path's where it is named, in any case.
    #[schema(example = "acme")]
    account: Option<String>,
    /// The app key that the hook was configured with.
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NotificationFields<'a> {
    #[serde(rename = "hookConfig", default)]
    hook_config: Option<String>,
    #[serde(default)]
    domain: Option<String>,
    #[serde(default)]
    order_id: Option<String>,
    #[serde(borrow, default)]
    origin: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Origin {
    #[serde(default)]
    account: Option<String>,
}

/// What a notification says.
pub(super) enum NotificationContent {
    /// VTEX tries the address.
    Ping,
    /// An order changed.
    Order {
        /// The account that it names, if it names any.
        origin: Option<String>,
        /// Whether its domain is `Fulfillment`: the same change also comes as `Marketplace`. Only
        /// this word is passed over. To read an order twice does no harm; to lose one would.
        fulfillment: bool,
        /// The order.
        order_id: Result<OrderId, Reason>,
    },
}

pub(super) fn read(notification: &RawValue) -> Result<NotificationContent, Reason> {
    // Only an object: a struct could be read from an array, too.
    let object = notification.get().starts_with('{').then(|| notification.get());
    let fields: NotificationFields<'_> = object
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| Reason::of(Code::InvalidField))?;
    if fields.hook_config.as_deref() == Some("ping") {
        return Ok(NotificationContent::Ping);
    }
    let id = fields.order_id.as_deref().unwrap_or_default();
    // Of another shape it names nobody, as if it were missing.
    let origin = fields.origin.and_then(|origin| serde_json::from_str::<Origin>(origin.get()).ok());
    Ok(NotificationContent::Order {
        origin: origin.and_then(|origin| origin.account).filter(|account| !account.is_empty()),
        fulfillment: fields.domain.is_some_and(|domain| is_fulfillment(&domain)),
        order_id: OrderId::parse(id).map_err(|_| Reason::invalid("OrderId")),
    })
}

/// The order that a notification is about (none for a ping), or why it can't count.
pub fn order_named(notification: &RawValue) -> Result<Option<OrderId>, Reason> {
    match read(notification)? {
        NotificationContent::Ping => Ok(None),
        NotificationContent::Order { order_id, .. } => order_id.map(Some),
    }
}

/// Whether a body is nothing but a ping.
pub(super) fn is_ping(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ping {
        #[serde(rename = "hookConfig")]
        hook_config: String,
    }
    body.len() <= PING_BYTES
        && serde_json::from_slice::<Ping>(body).is_ok_and(|ping| ping.hook_config == "ping")
}
