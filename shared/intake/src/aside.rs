//! Keeping aside, with its reason, what should have counted and can't (R12).

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::values::account::Account;
use domain::values::identity::Phones;
use domain::values::ids::PhoneNumberId;
use domain::values::instant::Instant;
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::aside::{Aside, AsideOwner};
use store::{StoreError, Table};
use telemetry::{Counter, count};

use crate::CONCURRENT_WRITES;
use crate::reason::{Code, Reason};

mod shortened;

/// Bytes of an item that is kept aside: with its keys it stays below `DynamoDB`'s 400 KB.
const BODY_BYTES: usize = 384 * 1024;

/// An item on its way aside, with all that a replay needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused<'a> {
    /// The endpoint that it came through.
    #[serde(skip)]
    pub source: &'static str,
    /// Why it can't count.
    #[serde(skip)]
    pub reason: Reason,
    /// Absent: no account is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The business number that a `WhatsApp` item came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<PhoneNumberId>,
    /// The list that a `WhatsApp` item stood in: `statuses` or `messages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<&'static str>,
    /// The item as it came; a very long one without what doesn't count of it.
    pub item: Option<Cow<'a, RawValue>>,
}

impl Refused<'_> {
    /// In whose list it is kept.
    fn owner(&self) -> AsideOwner {
        match (&self.account, &self.phone_number_id) {
            (Some(account), _) => account.into(),
            (None, Some(id)) => AsideOwner::PhoneNumber(id.clone()),
            (None, None) => AsideOwner::Nobody,
        }
    }

    fn into_aside(mut self, received_at: Instant) -> Result<Aside, StoreError> {
        self.item = self.item.and_then(|item| shortened::to_fit(item, BODY_BYTES));
        let body = serde_json::to_string(&self)
            .map_err(|error| StoreError::corrupt("kept aside", error))?;
        Ok(Aside {
            received_at,
            source: self.source.to_owned(),
            code: self.reason.code.as_str().to_owned(),
            field: self.reason.field.map(Cow::into_owned),
            body,
        })
    }
}

/// An item that was kept aside, as [`keep_all`] wrote it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptItem<'a> {
    /// The business number that a `WhatsApp` item came from.
    #[serde(default)]
    pub phone_number_id: Option<PhoneNumberId>,
    /// The list that a `WhatsApp` item stood in.
    #[serde(default)]
    pub list: Option<String>,
    /// The item.
    #[serde(borrow)]
    pub item: &'a RawValue,
}

impl<'a> KeptItem<'a> {
    /// The item in `aside`; none where no more than its reason was kept, or no endpoint sent it.
    #[must_use]
    pub fn of(aside: &'a Aside) -> Option<Self> {
        let kept: Self = serde_json::from_str(&aside.body).ok()?;
        // An item that was too long even when shortened is written as `null`. Read as an item it would
        // be passed over as none of ours, and deleted.
        (kept.item.get() != "null").then_some(kept)
    }
}

/// Keeps items aside, all of them or an error; and counts them.
pub async fn keep_all(
    table: &Table,
    phones: Phones<'_>,
    received_at: Instant,
    refused: Vec<Refused<'_>>,
) -> Result<(), StoreError> {
    let mut asides = Vec::with_capacity(refused.len());
    for item in refused {
        let (owner, code) = (item.owner(), item.reason.code);
        asides.push((owner, code, item.into_aside(received_at)?));
    }
    let mut writes = stream::iter(asides)
        .map(|(owner, code, aside)| async move {
            table.aside_keep_sent(phones, &owner, &aside).await.map(|()| code)
        })
        .buffer_unordered(CONCURRENT_WRITES);
    let mut kept = BTreeMap::new();
    while let Some(code) = writes.next().await {
        *kept.entry(code?).or_default() += 1;
    }
    for (code, n) in kept {
        count(Counter::KeptAside { reason: Code::as_str(code) }, n);
    }
    Ok(())
}
