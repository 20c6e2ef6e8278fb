//! How the system sends a campaign, as the Admin writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use shared::domain::values::campaign::{Campaign, CampaignEdit, MessageType};
use shared::domain::values::limits;
use shared::domain::values::money::Currency;
use shared::domain::values::sending::{CampaignSending, CouponCode, Delay, Trigger};
use shared::web::Problem;
use utoipa::ToSchema;

/// How the system sends a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignSending)]
pub struct SendingView {
    /// Whether the system sends it. Then no other sender may.
    enabled: bool,
    /// Minutes between a cart's last activity and its reminder.
    #[schema(value_type = u16, minimum = 20, maximum = 1440)]
    delay_minutes: Delay,
    /// How far the shopper must have come.
    trigger: TriggerWord,
    /// The least value of a cart, by currency. Where there is any, carts in other currencies aren't reminded of.
    minimum: Vec<Minimum>,
    /// Of several campaigns of a cart's language the one of the lowest rank is taken.
    #[schema(maximum = 1000)]
    rank: u32,
    /// The coupon that its messages carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    coupon_code: Option<CouponCode>,
}

/// How far a shopper must have come for a cart to be reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SendingTrigger)]
pub enum TriggerWord {
    /// To the payment page.
    Payment,
    /// Anywhere in the checkout.
    Any,
}

/// The least value of a cart in a currency.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CartMinimum)]
pub struct Minimum {
    /// The currency.
    #[schema(value_type = String, example = "BRL", pattern = "^[A-Z]{3}$")]
    currency: Currency,
    /// The amount in decimals, of no more digits than the currency has.
    #[schema(example = "50.00", pattern = "^[0-9]+(\\\\.[0-9]+)?$", max_length = 20)]
    amount: String,
}

impl From<CampaignSending> for SendingView {
    fn from(sending: CampaignSending) -> Self {
        let minimum = sending.minimum.into_iter().map(|(currency, minor_units)| {
            let amount = currency.decimal(minor_units, '.');
            Minimum { currency, amount }
        });
        Self {
            enabled: sending.enabled,
            delay_minutes: sending.delay_minutes,
            trigger: match sending.trigger {
                Trigger::Payment => TriggerWord::Payment,
                Trigger::Any => TriggerWord::Any,
            },
            minimum: minimum.collect(),
            rank: sending.rank,
            coupon_code: sending.coupon_code,
        }
    }
}

/// What to change of how the system sends a campaign; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignSendingPatch)]
pub struct SendingPatch {
    /// Whether the system sends it. Then no other sender may (`POST /sends` answers 409
    /// `campaign-sent-by-system`).
    enabled: Option<bool>,
    /// Minutes between a cart's last activity and its reminder.
    #[schema(value_type = Option<u16>, minimum = 20, maximum = 1440)]
    delay_minutes: Option<Delay>,
    /// How far the shopper must have come.
    trigger: Option<TriggerWord>,
    /// The least value of a cart, by currency; each once.
    #[schema(max_items = 20)]
    minimum: Option<Vec<Minimum>>,
    /// Of several campaigns of a cart's language the one of the lowest rank is taken.
    #[schema(maximum = 1000)]
    rank: Option<u32>,
    /// The coupon that its messages carry; null takes it away.
    #[serde(default, deserialize_with = "told")]
    #[expect(clippy::option_option, reason = "absent, null and a coupon are three wishes")]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9]{1,15}$")]
    coupon_code: Option<Option<CouponCode>>,
}

/// A field that is there, be it null.
#[expect(clippy::option_option, reason = "absent, null and a value are three wishes")]
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    field: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

impl SendingPatch {
    /// Whether it has the system send the campaign.
    pub(super) fn switches_on(&self) -> bool {
        self.enabled == Some(true)
    }

    /// How the campaign is sent after it; 422 where that can't be.
    pub(super) fn apply(self, held: Option<&CampaignSending>) -> Result<CampaignSending, Problem> {
        let unset = || CampaignSending {
            enabled: false,
            delay_minutes: Delay::default(),
            trigger: Trigger::default(),
            minimum: BTreeMap::new(),
            rank: 0,
            coupon_code: None,
        };
        let held = held.cloned().unwrap_or_else(unset);
        if self.rank.is_some_and(|rank| rank > limits::RANK_MAX) {
            return Err(Problem::invalid_field("sending.rank", format!("0-{}", limits::RANK_MAX)));
        }
        Ok(CampaignSending {
            enabled: self.enabled.unwrap_or(held.enabled),
            delay_minutes: self.delay_minutes.unwrap_or(held.delay_minutes),
            trigger: self.trigger.map_or(held.trigger, |trigger| match trigger {
                TriggerWord::Payment => Trigger::Payment,
                TriggerWord::Any => Trigger::Any,
            }),
            minimum: self.minimum.map(minimums).transpose()?.unwrap_or(held.minimum),
            rank: self.rank.unwrap_or(held.rank),
            coupon_code: self.coupon_code.unwrap_or(held.coupon_code),
        })
    }
}

fn minimums(list: Vec<Minimum>) -> Result<BTreeMap<Currency, i64>, Problem> {
    const FIELD: &str = "sending.minimum";
    let most = limits::MINIMUMS_PER_CAMPAIGN;
    if list.len() > most {
        return Err(Problem::invalid_field(FIELD, format!("at most {most}")));
    }
    let mut minimums = BTreeMap::new();
    for Minimum { currency, amount } in list {
        let amount = currency.minor_units(&amount).filter(|amount| *amount <= limits::AMOUNT_MAX);
        let amount = amount.ok_or_else(|| {
            let detail = "an amount such as 50.00, of no more digits than its currency has";
            Problem::invalid_field(FIELD, detail)
        })?;
        if minimums.insert(currency, amount).is_some() {
            return Err(Problem::invalid_field(FIELD, "each currency once"));
        }
    }
    Ok(minimums)
}

/// 422 where the system would send a campaign with a coupon that has none.
pub(super) fn require_coupon(campaign: &Campaign, edit: &CampaignEdit) -> Result<(), Problem> {
    let message_type = edit.message_type.unwrap_or(campaign.message_type);
    let sending = edit.sending.as_ref().or(campaign.sending.as_ref());
    let lacks = sending.is_some_and(|sending| sending.enabled && sending.coupon_code.is_none());
    if message_type == MessageType::Coupon && lacks {
        let detail = "a campaign with a coupon is sent with one";
        return Err(Problem::invalid_field("sending.couponCode", detail));
    }
    Ok(())
}
