//! Settings as a store sends them, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use shared::domain::values::account::{AccountSettings, StoreUrl};
use shared::domain::values::campaign::Language;
use shared::domain::values::domain_name::is_ones_own;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::invalid::Invalid;
use shared::domain::values::limits;
use shared::domain::values::money::{Currency, MessagePrice};
use shared::domain::values::phone::CountryCode;
use shared::web::Problem;
use utoipa::ToSchema;

/// An account's settings, to be set as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSettings {
    /// The IANA zone of the store's days. It can't change once the account has a reminder (R1).
    #[serde(deserialize_with = "zone")]
    #[schema(value_type = String, example = "America/Sao_Paulo")]
    time_zone: Tz,
    /// The calling code of the country whose phone numbers come without one (`(11) 5555-0101`); absent:
    /// that of the time zone, or 55. Numbers that came before it changes stay as they were read.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "55", pattern = "^[1-9][0-9]{0,2}$")]
    country_code: Option<CountryCode>,
    /// The language of its mails: that of the people who read them, whatever the campaigns' are.
    language: Language,
    /// The business phone numbers whose webhooks are this account's; each belongs to one account, as an
    /// operator confirms.
    #[schema(value_type = Vec<String>, max_items = 20)]
    phone_number_ids: Vec<PhoneNumberId>,
    /// The store's address: `https`, a host, no user, query or fragment. An operator confirms it, unless
    /// its host is one that only a store of the platform can have.
    #[schema(value_type = String, format = "uri", example = "https://shop.example")]
    store_url: StoreUrl,
    /// The domains beside the store's own to which reports are mailed without asking their readers
    /// first, subdomains not included; none where anybody gets an address (`gmail.com`).
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50)]
    report_domains: Option<Vec<ReportDomain>>,
    /// What one message delivered costs, in each currency in which it is paid for. The page tells costs and
    /// returns by it.
    #[serde(default)]
    #[schema(max_items = 20)]
    message_prices: Vec<PriceOfMessage>,
}

/// What one message delivered costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MessagePrice)]
pub struct PriceOfMessage {
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// Decimals above zero with a point, at most 6 of them.
    #[schema(value_type = String, example = "0.0625", pattern = r"^[0-9]{1,6}(\.[0-9]{1,6})?$")]
    price: MessagePrice,
}

impl PriceOfMessage {
    /// An account's prices, by currency.
    pub(super) fn list(prices: BTreeMap<Currency, MessagePrice>) -> Vec<Self> {
        prices.into_iter().map(|(currency, price)| Self { currency, price }).collect()
    }
}

fn zone<'de, D: Deserializer<'de>>(field: D) -> Result<Tz, D::Error> {
    const EXPECTED: &str = "timeZone must be an IANA time zone such as America/Sao_Paulo";
    String::deserialize(field)?.parse().map_err(|_| serde::de::Error::custom(EXPECTED))
}

/// A domain as a mail address ends in it, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct ReportDomain(String);

impl TryFrom<String> for ReportDomain {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        // The list is compared with addresses: a domain that no address can have is a typo.
        EmailAddress::parse(&format!("a@{text}"))
            .ok()
            .filter(|address| is_ones_own(address.domain()))
            .map(|address| Self(address.domain().to_owned()))
            .ok_or(Invalid::new("reportDomains", "domains of one owner such as store.example"))
    }
}

impl NewSettings {
    /// The settings with their lists sorted and free of duplicates, which don't count towards the
    /// limits; 422 beyond these.
    pub(super) fn settings(self) -> Result<AccountSettings, Problem> {
        let phone_number_ids =
            distinct("phoneNumberIds", self.phone_number_ids, limits::PHONE_NUMBERS_PER_ACCOUNT)?;
        let report_domains = self
            .report_domains
            .map(|domains| {
                if domains.is_empty() {
                    let detail = "name at least one domain, or leave the list out";
                    return Err(Problem::invalid_field("reportDomains", detail));
                }
                let most = limits::REPORT_DOMAINS_PER_ACCOUNT;
                let domains = distinct("reportDomains", domains, most)?;
                Ok(domains.into_iter().map(|domain| domain.0).collect())
            })
            .transpose()?;
        let told = self.message_prices.len();
        let prices = self.message_prices.into_iter().map(|each| (each.currency, each.price));
        let message_prices: BTreeMap<_, _> = prices.collect();
        if message_prices.len() < told {
            return Err(Problem::invalid_field("messagePrices", "one price for each currency"));
        }
        if told > limits::MESSAGE_PRICES_PER_ACCOUNT {
            let detail = format!("at most {}", limits::MESSAGE_PRICES_PER_ACCOUNT);
            return Err(Problem::invalid_field("messagePrices", detail));
        }
        Ok(AccountSettings {
            time_zone: self.time_zone,
            country_code: self.country_code,
            language: self.language,
            phone_number_ids,
            store_url: self.store_url,
            report_domains,
            message_prices,
        })
    }
}

fn distinct<T: Ord>(field: &str, list: Vec<T>, most: usize) -> Result<Vec<T>, Problem> {
    let list = BTreeSet::from_iter(list);
    if list.len() > most {
        return Err(Problem::invalid_field(field, format!("at most {most}")));
    }
    Ok(list.into_iter().collect())
}
