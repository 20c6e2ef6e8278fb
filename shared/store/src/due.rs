//! What leads the sender to carts that are due, who looks at a shard, and how much was sent in an hour.
//!
//! Pointers are hints: the cart alone says when it is due. A pointer is taken away only as it was read, so
//! that one which was written again meanwhile stays.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder as Query;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use serde::Deserialize;

use crate::table::attributes::{expire, n, s};
use crate::table::condition::unless_condition_failed;
use crate::table::key::{self, DueKey, Key, due_pk, due_until};
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::digest::base64url;
use domain::values::due_shard::DueShard;
use domain::values::instant::Instant;
use domain::values::span::Span;
use runtime::random::Randomness;

/// How long a pointer outlives its instant: whatever it leads to has expired by then.
const POINTER_STAYS: Span = Span::days(40);
/// How long an hour's count is kept: the limits look back over a day.
const HOUR_STAYS: Span = Span::days(2);

/// A pointer as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePointer {
    /// What it leads to.
    pub key: DueKey,
    /// When it was written.
    pub at: Instant,
    /// Tells writes of one instant apart.
    pub mark: String,
}

#[derive(Deserialize)]
struct Stored {
    sk: String,
    at: Instant,
    mark: String,
}

impl Stored {
    fn read(self) -> Result<DuePointer, StoreError> {
        let key = DueKey::parse(&self.sk)
            .ok_or_else(|| StoreError::corrupt("due pointer", "its key names no cart"))?;
        Ok(DuePointer { key, at: self.at, mark: self.mark })
    }
}

/// A page of a shard's pointers.
#[derive(Debug, Default)]
pub struct DuePage {
    /// The pointers, by their instants.
    pub pointers: Vec<DuePointer>,
    /// Where the next page starts; none: this was the last.
    pub next: Option<String>,
}

impl Table {
    /// Writes a pointer. What stands there already is written anew, so that nobody who read it takes it away.
    pub async fn due_put(&self, key: &DueKey, now: Instant) -> Result<(), StoreError> {
        const OPERATION: &str = "write a due pointer";
        let mark = Randomness::system().bytes::<8>().map_err(|error| StoreError::Unavailable {
            operation: OPERATION,
            source: Box::new(error),
        })?;
        let mut item = Key::due(key).attributes();
        item.insert("at".to_owned(), s(now));
        item.insert("mark".to_owned(), s(base64url(&mark)));
        expire(&mut item, Some(key.due_at.plus(POINTER_STAYS).seconds()));
        self.put(OPERATION, item).await
    }

    /// A pointer.
    pub async fn due_pointer(&self, key: &DueKey) -> Result<Option<DuePointer>, StoreError> {
        let stored: Option<Stored> = self.get("due pointer", &Key::due(key)).await?;
        stored.map(Stored::read).transpose()
    }

    /// Takes a pointer away as it was read.
    pub async fn due_delete(&self, pointer: &DuePointer) -> Result<(), StoreError> {
        let result = self
            .delete_item(&Key::due(&pointer.key))
            .condition_expression("#at = :at AND mark = :mark")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", s(pointer.at))
            .expression_attribute_values(":mark", s(&pointer.mark))
            .send()
            .await;
        unless_condition_failed("delete a due pointer", result).map(|_| ())
    }

    /// Takes pointers away as they were read, but for the one that a cart waits by now.
    pub async fn due_delete_all(
        &self,
        pointers: &[DuePointer],
        but: Option<&DueKey>,
    ) -> Result<(), StoreError> {
        for pointer in pointers.iter().filter(|pointer| Some(&pointer.key) != but) {
            self.due_delete(pointer).await?;
        }
        Ok(())
    }

    /// The pointers of a shard up to `now`, read strongly consistently.
    fn due_query(&self, shard: DueShard, now: Instant) -> Query {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk <= :to")
            .expression_attribute_values(":pk", s(due_pk(shard)))
            .expression_attribute_values(":to", s(due_until(now)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Whether anything of a shard is due at `now`: one read, however much it is.
    pub async fn is_any_due(&self, shard: DueShard, now: Instant) -> Result<bool, StoreError> {
        let page = self.due_query(shard, now).limit(1).send().await;
        let page = page.map_err(|error| StoreError::of_call("look for due pointers", error))?;
        Ok(page.count > 0)
    }

    /// One page of a shard's pointers up to `now`. One that can't be read is logged and passed over.
    pub async fn due_page(
        &self,
        shard: DueShard,
        now: Instant,
        from: Option<String>,
    ) -> Result<DuePage, StoreError> {
        const OPERATION: &str = "read due pointers";
        let start = from.map(|sk| Key { pk: due_pk(shard), sk }.attributes());
        let page = self
            .due_query(shard, now)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::of_call(OPERATION, error))?;
        let mut pointers = Vec::new();
        for item in page.items.unwrap_or_default() {
            let stored = crate::table::attributes::read::<Stored>("due pointer", item);
            match stored.and_then(Stored::read) {
                Ok(pointer) => pointers.push(pointer),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "a due pointer can't be understood and is passed over");
                    telemetry::count(telemetry::Counter::ItemsUnreadable, 1);
                }
            }
        }
        let next = page.last_evaluated_key.and_then(|mut key| match key.remove("sk") {
            Some(AttributeValue::S(sk)) => Some(sk),
            _ => None,
        });
        Ok(DuePage { pointers, next })
    }

    /// Takes a shard for `span`; `false` while another has it.
    pub async fn lease_take(
        &self,
        shard: DueShard,
        owner: &str,
        (now, span): (Instant, Span),
    ) -> Result<bool, StoreError> {
        let result = self
            .update_item(&Key::lease(shard))
            .update_expression("SET #owner = :owner, #until = :until")
            .condition_expression("attribute_not_exists(#until) OR #until <= :now")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":owner", s(owner))
            .expression_attribute_values(":until", s(now.plus(span)))
            .expression_attribute_values(":now", s(now))
            .send()
            .await;
        Ok(unless_condition_failed("take a shard", result)?.is_changed())
    }

    /// Gives a shard back, where it is still `owner`'s.
    pub async fn lease_release(&self, shard: DueShard, owner: &str) -> Result<(), StoreError> {
        let result = self
            .delete_item(&Key::lease(shard))
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", s(owner))
            .send()
            .await;
        unless_condition_failed("release a shard", result).map(|_| ())
    }

    /// Messages that an account began within the 24 hours before `now`, by its hourly counts: the hour that
    /// only partly lies in them counts whole.
    pub async fn messages_of_a_day(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct Hour {
            count: i64,
        }
        let (from, to) = key::hours(account, now.minus(Span::hours(24)), now);
        let pk = key::sender_pk(DueShard::of(account));
        let hours: Vec<Hour> = self.query("hourly count", &pk, &from, &to).await?;
        Ok(u64::try_from(hours.iter().map(|hour| hour.count).sum::<i64>()).unwrap_or(0))
    }

    /// Adds messages to the count of the hour, or takes back those that weren't sent after all.
    pub async fn messages_count(
        &self,
        account: &Account,
        now: Instant,
        messages: i64,
    ) -> Result<(), StoreError> {
        self.update_item(&Key::hour(account, now))
            .update_expression("ADD #count :messages SET expiresAt = :expires")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":messages", n(messages))
            .expression_attribute_values(":expires", n(now.plus(HOUR_STAYS).seconds()))
            .return_values(ReturnValue::None)
            .send()
            .await
            .map_err(|error| StoreError::of_call("count messages", error))?;
        Ok(())
    }
}
