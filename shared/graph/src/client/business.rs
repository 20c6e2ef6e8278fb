//! What Meta tells of a business account when it is asked.

use domain::values::daily_limit::DailyLimit;
use domain::values::ids::{PhoneNumberId, WabaId};
use reqwest::Method;
use serde::Deserialize;

use super::{AccessToken, GraphApi, GraphError, unreachable, with_query};

impl GraphApi {
    /// How many people the business of a phone number may begin to write to within a day (`GET /{phoneNumberId}`;
    /// Meta, *Messaging Limits*, "Via API": the field is there from version 24 on). None where Meta names no limit.
    pub async fn daily_limit(
        &self,
        token: &AccessToken,
        number: &PhoneNumberId,
    ) -> Result<Option<DailyLimit>, GraphError> {
        const OPERATION: &str = "read the messaging limit";
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            whatsapp_business_manager_messaging_limit: Option<String>,
        }
        let url = self.url(&[number.as_str()]).map_err(|error| unreachable(OPERATION, error))?;
        let query = [("fields", "whatsapp_business_manager_messaging_limit")];
        let told: Told =
            self.call(OPERATION, Method::GET, with_query(url, &query), token, None).await?;
        let word = told.whatsapp_business_manager_messaging_limit;
        Ok(word.and_then(|word| DailyLimit::of_word(&word)))
    }

    /// Whether a business account has Marketing Messages (`GET /{waba}`; Meta, *Marketing Messages API for `WhatsApp`:
    /// Onboard*, "Check WABA onboarding status": `ONBOARDED`, and no other word). None where Meta doesn't say.
    pub async fn has_marketing_messages(
        &self,
        token: &AccessToken,
        waba: &WabaId,
    ) -> Result<Option<bool>, GraphError> {
        const OPERATION: &str = "read the state of Marketing Messages";
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            marketing_messages_onboarding_status: Option<String>,
        }
        let url = self.url(&[waba.as_str()]).map_err(|error| unreachable(OPERATION, error))?;
        let query = [("fields", "marketing_messages_onboarding_status")];
        let told: Told =
            self.call(OPERATION, Method::GET, with_query(url, &query), token, None).await?;
        Ok(told.marketing_messages_onboarding_status.map(|word| word == "ONBOARDED"))
    }
}
