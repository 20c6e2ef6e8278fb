//! Facts written through the table, as ingestion writes them.

use shared::domain::facts::event::{
    ClickKind, Event, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::account::Account;
use shared::domain::values::identity::{Identities, OrderFormId, UserId};
use shared::domain::values::ids::{CampaignId, ClickId, OrderGroup, OrderId, ReminderId};
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::store::orders::OrderWritten;
use shared::store::{StoreError, Table};

use super::functions::phone_key;
use super::{Store, ZONE, at};

/// Whom a fact names; an empty text names nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    user: &'a str,
    cart: &'a str,
}

impl<'a> From<&'a str> for Who<'a> {
    fn from(user: &'a str) -> Self {
        Self { user, cart: "" }
    }
}

impl<'a> From<&'a String> for Who<'a> {
    fn from(user: &'a String) -> Self {
        Self { user, cart: "" }
    }
}

impl<'a> From<(&'a str, &'a str)> for Who<'a> {
    fn from((user, cart): (&'a str, &'a str)) -> Self {
        Self { user, cart }
    }
}

impl Who<'_> {
    fn identities(self) -> Identities {
        Identities {
            user_id: UserId::optional(self.user).unwrap(),
            order_form_id: OrderFormId::optional(self.cart).unwrap(),
            phone: None,
        }
    }
}

pub(crate) fn item(id: &str, name: &str, quantity: u32, price: i64) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity, price }
}

/// Writes an event. What it names must be the account's own.
pub(crate) async fn write(
    table: &Table,
    account: &Account,
    event: &Event,
) -> Result<(), StoreError> {
    match event {
        Event::Sent(event) => {
            // Refused or not, a link belongs to the earliest that names it.
            table.reminder_write_details(&phone_key(), account, event, ZONE).await?;
        }
        Event::Status(event) => {
            table.reminder_write_receipt(&phone_key(), account, event).await?;
        }
        Event::Clicked(event) => {
            table.click_write(&phone_key(), account, event).await?;
        }
        Event::Order(event) => {
            let written = table.order_fold(&phone_key(), account, event).await?;
            assert!(matches!(written, OrderWritten::Written(_)), "it stays within its limits");
        }
    }
    Ok(())
}

impl Store {
    /// Writes an event of this store.
    pub(crate) async fn tell(&self, event: Event) {
        write(&self.table, &self.account, &event).await.unwrap();
        self.note(event);
    }

    pub(crate) async fn sent(&self, id: &str, campaign: &str, when: &str, who: impl Into<Who<'_>>) {
        self.sent_with(id, campaign, when, who, Vec::new()).await;
    }

    /// A reminder of a cart with these items.
    pub(crate) async fn sent_with(
        &self,
        id: &str,
        campaign: &str,
        when: &str,
        who: impl Into<Who<'_>>,
        items: Vec<Item>,
    ) {
        let event = ReminderSent {
            reminder_id: ReminderId::parse(id).unwrap(),
            at: at(when),
            campaign_id: CampaignId::parse(campaign).unwrap(),
            identities: who.into().identities(),
            items: ItemList::new(items),
            link_token: None,
        };
        self.tell(Event::Sent(event)).await;
    }

    pub(crate) async fn receipt(&self, id: &str, receipt: Receipt, when: &str) {
        let reminder_id = ReminderId::parse(id).unwrap();
        self.tell(Event::Status(ReminderStatus { reminder_id, receipt, at: at(when) })).await;
    }

    pub(crate) async fn clicked(&self, id: &str, click: &str, kind: ClickKind, when: &str) {
        let event = ReminderClicked {
            reminder_id: ReminderId::parse(id).unwrap(),
            click_id: ClickId::parse(click).unwrap(),
            kind,
            at: at(when),
        };
        self.tell(Event::Clicked(event)).await;
    }

    /// An order of one part in reais, made at `when`.
    pub(crate) async fn ordered(
        &self,
        group: &str,
        when: &str,
        who: impl Into<Who<'_>>,
        value: i64,
    ) {
        self.part(group, ("01", "created"), (when, when), who, ("BRL", value)).await;
    }

    /// A part's state: when the part was made and when it changed, and what it is worth.
    pub(crate) async fn part(
        &self,
        group: &str,
        part: (&str, &str),
        when: (&str, &str),
        who: impl Into<Who<'_>>,
        worth: (&str, i64),
    ) {
        self.part_with(group, part, when, who, worth, Vec::new()).await;
    }

    /// The same of a part with these items.
    pub(crate) async fn part_with(
        &self,
        group: &str,
        (part, status): (&str, &str),
        (created, changed): (&str, &str),
        who: impl Into<Who<'_>>,
        (currency, value): (&str, i64),
        items: Vec<Item>,
    ) {
        let event = OrderUpdated {
            order_group: OrderGroup::parse(group).unwrap(),
            order_id: OrderId::parse(&format!("{group}-{part}")).unwrap(),
            status: OrderStatus::parse(status).unwrap(),
            created_at: at(created),
            changed_at: at(changed),
            identities: who.into().identities(),
            currency: Currency::parse(currency).unwrap(),
            value,
            items: ItemList::new(items),
        };
        self.tell(Event::Order(event)).await;
    }
}
