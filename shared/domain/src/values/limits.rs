//! The limits that a store, a sender or an operator can meet, each with its reason. One place, so
//! that documents, checks and tests name the same number; errors that tell one are compared with it by
//! a test. A bound that one module alone knows stands there (how often a write is tried, a page's
//! size, what a protocol admits).

use std::ops::RangeInclusive;

use crate::values::span::Span;

/// Bytes of a webhook's body: fits Lambda's 6 MB event after base64; `WhatsApp` sends at most 3 MB.
pub const WEBHOOK_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Updates in one webhook body: `WhatsApp`'s own maximum.
pub const WEBHOOK_ITEMS: usize = 1_000;
/// Events in one `CloudEvents` batch: what one invocation stores well within its time.
pub const EVENT_BATCH: usize = 1_000;
/// Bytes of an Admin request's body: the largest (account settings) stays far below.
pub const ADMIN_BODY_BYTES: usize = 64 * 1024;
/// Days of a metrics or report range, and how far back a range may start: a year and a day.
pub const RANGE_DAYS: u32 = 366;
/// Bytes of an account's name, which starts most keys of the table.
pub const ACCOUNT_BYTES: usize = 50;
/// Bytes of a store's address.
pub const STORE_URL_BYTES: usize = 500;
/// Bytes of the address that a tracked link leads to: what browsers and proxies take.
pub const LINK_TARGET_BYTES: usize = 2_000;
/// Bytes of a tracked link's token: 16 random bytes in base64url are 22, and the account's tag is 8.
pub const LINK_TOKEN_BYTES: RangeInclusive<usize> = 20..=64;
/// Digits of `WhatsApp`'s id of a business phone number: three times what it mints.
pub const PHONE_NUMBER_ID_DIGITS: usize = 50;
/// Bytes of a campaign's id: a UUID's 32 and room for those of other makers.
pub const CAMPAIGN_ID_BYTES: usize = 50;
/// Campaigns of an account: a metrics answer lists them all.
pub const CAMPAIGNS_PER_ACCOUNT: usize = 100;
/// Report schedules of an account.
pub const SCHEDULES_PER_ACCOUNT: usize = 20;
/// Reports that an account may request within an hour: mail reputation is shared.
pub const REPORTS_PER_HOUR: usize = 30;
/// Bytes of a report that a mail carries; beyond them it holds a link. In base64 with its line
/// ends they are 9.6 MB, and SES v1 takes a message of 10 MB.
pub const REPORT_ATTACHMENT_BYTES: u64 = 7_000_000;
/// Rows of a report's workbook: Excel's sheets have 1,048,576, and the first is the header.
pub const WORKBOOK_ROWS: u32 = 1_048_575;
/// Bytes of a workbook's sheet before it is zipped: it lies in the Lambda's `/tmp` until then, which
/// template.yaml makes larger than this, and a zip file knows 4 GiB without extensions.
pub const WORKBOOK_SHEET_BYTES: u64 = 3_500_000_000;
/// Characters of a workbook's cell, as Excel counts them: in UTF-16, where many signs are two.
pub const WORKBOOK_CELL_CHARS: usize = 32_767;
/// Phone numbers of one account: the settings item and its transaction stay small.
pub const PHONE_NUMBERS_PER_ACCOUNT: usize = 20;
/// Accounts whose claims of one phone number are pending: what comes for it is kept aside for each.
pub const CLAIMS_PER_PHONE_NUMBER: usize = 10;
/// Accounts that are remembered for having taken back their claim of one business phone number.
pub const FORMER_CLAIMS_PER_PHONE_NUMBER: usize = 100;
/// Signing secrets of one account that are valid at once: the old ones of a day in which a script
/// makes them, and the settings' item stays small.
pub const SIGNING_SECRETS: usize = 100;
/// Mails to confirm that one address gets from one account within [`CONFIRMATION_DAYS`]: who doesn't
/// answer three doesn't want to.
pub const CONFIRMATIONS_PER_RECIPIENT: usize = 3;
/// The days of [`CONFIRMATIONS_PER_RECIPIENT`].
pub const CONFIRMATION_DAYS: i64 = 30;
/// Mails to confirm that one account has sent within a day: the people of a store and its agencies
/// are few, and mail reputation is shared.
pub const CONFIRMATIONS_PER_ACCOUNT_A_DAY: usize = 20;
/// Mails to confirm that one address gets within a day from all accounts together, so that many can't
/// flood it.
pub const CONFIRMATIONS_PER_ADDRESS_A_DAY: usize = 3;
/// Domains that an account answers for beside its own.
pub const REPORT_DOMAINS_PER_ACCOUNT: usize = 50;
/// Prices of a message that an account tells, one for each currency: no store sells in more.
pub const MESSAGE_PRICES_PER_ACCOUNT: usize = 20;
/// Characters of a campaign's name.
pub const CAMPAIGN_NAME_CHARS: usize = 80;
/// Items of a cart or of an order part; those beyond are left out.
pub const ITEMS: usize = 500;
/// Characters of an item's id; longer ones are cut.
pub const ITEM_ID_CHARS: usize = 100;
/// Characters of an item's name; longer ones are cut.
pub const ITEM_NAME_CHARS: usize = 200;
/// Bytes of one item list as JSON: its table item stays below `DynamoDB`'s 400 KB. The names of a longer one are
/// cut further.
pub const ITEM_LIST_BYTES: usize = 350 * 1024;
/// Reminders that a shopper can have clicked: their item stays far below `DynamoDB`'s 400 KB, and no
/// person gets three a day for a year.
pub const CLICKED_REMINDERS_PER_SHOPPER: usize = 1_000;
/// Items that one derivation reads: a second's work. A subject with more is left to an operator, so
/// that it delays nobody else.
pub const READS_PER_DERIVATION: usize = 2_000;
/// Parts of one order.
pub const PARTS_PER_ORDER: usize = 50;
/// Bytes of an order part's state: half as many again as VTEX's longest.
pub const ORDER_STATUS_BYTES: usize = 50;
/// Identities of one kind that an order may gather: its table item stays below 400 KB.
pub const IDENTITIES_PER_ORDER: usize = 50;
/// Identities of one kind, and links, that a reminder lists beside those of its details: senders tell a
/// reminder once, and one that says something else each time must not grow its item.
pub const IDENTITIES_PER_REMINDER: usize = 50;
/// Clicks that a reminder keeps: far more than one shopper makes, and few enough that all of them are
/// read whenever one more comes. Anybody can tap a link as often as they like.
pub const CLICKS_PER_REMINDER: usize = 1_000;
/// Taps on the stop button that a reminder keeps beside its clicks: once is enough, and a flood of clicks
/// takes no place from them.
pub const OPT_OUTS_PER_REMINDER: usize = 100;
/// Bytes of an id that a provider mints (wamid, click id, order id): two of them and a
/// campaign's id fit a 1,024-byte sort key.
pub const ID_BYTES: usize = 200;
/// Characters of a user id or an order form id. A longer user id names nobody (R10).
pub const IDENTITY_CHARS: usize = 100;
/// Digits of a phone number (R5), the country's calling code among them: E.164 ends at 15.
pub const PHONE_DIGITS: RangeInclusive<usize> = 8..=15;
/// Greatest amount of one order part or price, in minor units: millions of them sum up
/// within an `i64`.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// Greatest quantity of one item.
pub const QUANTITY_MAX: u32 = 1_000_000;
/// How far a timestamp may lie ahead of our clock: other people's clocks and time zones.
pub const FUTURE: Span = Span::hours(48);
/// The earliest timestamp that is taken for one: 2016-01-01T00:00:00Z, in ms.
pub const EARLIEST_MILLIS: i64 = 1_451_606_400_000;
/// Days after which a day's numbers no longer change: 15 days of clicks after up to 3 days of delivery.
pub const SETTLED_DAYS: u64 = 18;
/// Days that an item stays kept aside to be looked at and replayed (R12).
pub const ASIDE_DAYS: i64 = 30;
/// Days that it is told who changed what: a year, in which what somebody did comes up again.
pub const ACTIVITY_DAYS: i64 = 366;
/// Days that a tracked link waits for the reminder that carries it. A message is sent within minutes;
/// what it leads to may name a shopper.
pub const UNBOUND_LINK_DAYS: i64 = 20;
/// Days before the end of retention from which on an event is `too-old`: its subject would
/// expire while it still counts.
pub const RETENTION_MARGIN_DAYS: i64 = 20;
/// Days that facts are kept by default.
pub const RETENTION_DAYS: i64 = 400;
/// Minutes between a cart's last activity and its reminder: sooner the shopper may still be paying,
/// later the cart is forgotten.
pub const DELAY_MINUTES: RangeInclusive<u16> = 20..=1_440;
/// Hours between two reminders to one contact: at most one a day, and a month is as good as never.
pub const COOLDOWN_HOURS: RangeInclusive<u16> = 24..=720;
/// Characters of a coupon code: what a copy button of `WhatsApp` takes.
pub const COUPON_CODE_CHARS: usize = 15;
/// Currencies of a campaign's minimum: more than a store sells in.
pub const MINIMUMS_PER_CAMPAIGN: usize = 20;
/// Greatest rank of a campaign: an account has 100 campaigns.
pub const RANK_MAX: u32 = 1_000;
/// Bytes of a token for Meta's API: twice what it mints.
pub const ACCESS_TOKEN_BYTES: usize = 1_000;
/// Messages that an account may try out within an hour: each costs what a message costs, and goes to whomever somebody names.
pub const TEST_MESSAGES_AN_HOUR: usize = 20;
/// Bytes of what a browser says of a cart: an order form's id and a word.
pub const BEAT_BODY_BYTES: usize = 1_024;
/// Carts of one account that browsers may begin within a second: a large store's checkout has a few.
pub const NEW_CARTS_PER_SECOND: u32 = 50;
/// Carts of one account that browsers may begin within a minute while most of those that were read were made up. So a
/// few made-up ones don't silence a store, and a flood of them costs its VTEX little.
pub const NEW_CARTS_PER_MINUTE_IN_DOUBT: u32 = 10;
/// Carts read of an account within two windows before it counts how many of them there are: of a few, most may be
/// gone by chance.
pub const READS_THAT_TELL: u64 = 20;
/// How often one episode of a cart is tried before it counts as rejected.
pub const SEND_ATTEMPTS: u32 = 5;

#[cfg(test)]
mod tests;
