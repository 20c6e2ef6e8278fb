//! What both the model and the system are asked, and answer.

use chrono::NaiveDate;
use serde::Serialize;

/// A range of store days, and possibly one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The first store day.
    pub from: NaiveDate,
    /// The last store day.
    pub to: NaiveDate,
    /// Only this campaign.
    pub campaign_id: Option<String>,
}

/// The two formats of the report (R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180.
    Csv,
    /// BOM, semicolons, decimal commas.
    Excel,
}

/// The body of `GET /metrics`, but for `settled` and the campaigns' names. Its JSON has the
/// API's field names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The first store day.
    pub from: NaiveDate,
    /// The last store day.
    pub to: NaiveDate,
    /// The account's IANA time zone.
    pub time_zone: String,
    /// The whole range.
    pub totals: Numbers,
    /// Every day of the range, in order.
    pub days: Vec<DayNumbers>,
    /// Every campaign asked about, by id.
    pub campaigns: Vec<CampaignNumbers>,
}

/// The numbers of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayNumbers {
    /// The day.
    pub day: NaiveDate,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// The numbers of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignNumbers {
    /// The campaign.
    pub campaign_id: String,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// The fields that totals, days and campaigns have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Reminders sent.
    pub sent: i64,
    /// Reminders delivered, read or clicked.
    pub delivered: i64,
    /// Reminders read or clicked.
    pub read: i64,
    /// Reminders failed and not delivered.
    pub failed: i64,
    /// Distinct shoppers who clicked.
    pub unique_clicks: i64,
    /// All clicks.
    pub total_clicks: i64,
    /// All taps on the stop button.
    pub opt_outs: i64,
    /// Orders credited.
    pub conversions: Conversions,
    /// What they are worth, by currency.
    pub conversion_value: Vec<Amount>,
    /// What those credited by a click are worth.
    pub click_through_value: Vec<Amount>,
}

/// Orders credited, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversions {
    /// Both.
    pub total: i64,
    /// By delivery.
    pub assisted: i64,
    /// By click.
    pub click_through: i64,
}

/// An amount in decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// ISO 4217.
    pub currency: String,
    /// Decimals with as many digits as the currency has.
    pub amount: String,
}

/// Which reminder has an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CreditedOrder {
    /// The order.
    pub order_group: String,
    /// The reminder.
    pub reminder_id: String,
    /// By click rather than by delivery.
    pub by_click: bool,
}
