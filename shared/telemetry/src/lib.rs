//! Logs and counters.
//!
//! In a Lambda both go to standard output: log lines as JSON, counters as EMF lines, which
//! `CloudWatch` turns into metrics. Elsewhere log lines are for a person (standard error) and
//! counters are kept in the process, where tests and the local stack read them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use metrique::emf::{Emf, EntryDimensions};
use metrique::writer::format::Format as _;
use metrique::writer::{Entry, EntryWriter};
use strum::{IntoStaticStr, VariantNames};
use tracing_subscriber::EnvFilter;

mod chain;
mod line;
mod unquoted;

pub use chain::chain;
pub use unquoted::Unquoted;

/// The `CloudWatch` namespace of every metric.
pub const NAMESPACE: &str = "WhatsappCampaigns";

/// Names the running function; Lambda sets it, and nothing else does.
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// The dimension that names the function.
const FUNCTION: &str = "function";

/// What is counted. Labels are words of our own, never of a sender: each makes a metric, which
/// costs money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantNames)]
pub enum Counter {
    /// Facts stored, by kind: `reminder`, `receipt`, `click`, `opt-out`, `order`.
    FactsAccepted {
        /// The fact's kind.
        kind: &'static str,
    },
    /// Items kept aside (R12), by reason.
    KeptAside {
        /// The reason's code.
        reason: &'static str,
    },
    /// Provider traffic that is not ours to use: dropped unread (R12).
    TrafficIgnored {
        /// The kind of traffic; one word for all kinds that we don't know.
        kind: &'static str,
    },
    /// Taps on a tracked link that were redirected though the click couldn't be stored.
    ClicksUncounted,
    /// Clicks and opt-outs that aren't kept, since their reminder has as many as it keeps (R4).
    ClicksBeyondLimit,
    /// Clicked reminders that aren't entered, since their shopper has as many as are kept.
    ClickedRemindersBeyondLimit,
    /// Requests refused for their signature or secret.
    SignatureRefused {
        /// The endpoint: `whatsapp`, `events`, `sends`, `vtex`; `distribution` for those that
        /// didn't come through it.
        source: &'static str,
    },
    /// Episodes of carts that began.
    CartsBegun,
    /// Episodes that a browser could not begin: too many did within a second, or nobody could tell whose they are.
    CartsRefused,
    /// Those of them that could not since most of the account's carts that were read don't exist.
    CartsMadeUp,
    /// Signs of life of carts that could not be kept.
    BeatsLost,
    /// Runs of the sender that looked through their shards.
    SenderRuns,
    /// Accounts whose carts a run could not look at.
    SenderAccountsFailed,
    /// Carts that were due 15 minutes before and are not decided.
    CartsOverdue,
    /// Orders that no hook had brought and that were caught up from a store's list, before its carts were judged
    /// after an outage.
    OrdersCaughtUp,
    /// Carts that can't be looked at: each is tried again an hour later.
    CartsSetAside,
    /// Carts decided, by what: `reminded`, `heldOut`, `skipped`.
    CartsDecided {
        /// What.
        outcome: &'static str,
    },
    /// Messages whose answer was lost.
    SendsUnknown,
    /// Messages for which Meta asked a number to wait for an hour.
    SendsHeldBack,
    /// Answers by which Meta takes nothing of an account.
    AccountsBlocked,
    /// Templates whose messages were refused as made wrongly, three times in a row.
    TemplatesBroken,
    /// Orders that VTEX didn't tell because it refused the store's keys: none comes in until somebody
    /// mends them, and after three days VTEX drops the hook.
    VtexKeysRefused,
    /// Orders that VTEX couldn't tell for now: no answer in time, 429, 5xx.
    VtexUnavailable,
    /// Readings of the secrets that failed: the old ones go on being used.
    SecretsUnreadable,
    /// Schedules and reports that can't be understood and are passed over.
    ItemsUnreadable,
    /// Stream records derived.
    RecordsDerived,
    /// Stream records that can't be handled, kept aside and passed.
    RecordsKeptAside,
    /// Counting transactions committed.
    RollupCommitted,
    /// Counting transactions whose checkpoint had moved: selected again.
    RollupConflict,
    /// Order parts left out of a sum for their currency (R8).
    CurrencyMismatch,
    /// Ticks of the schedule that did all that was due.
    TicksDone,
    /// Reports requested, by people and by schedules.
    ReportsRequested,
    /// Reports handed to the mail service.
    ReportsMailed,
    /// Reports that were mailed though they lack purchases that the metrics count; their mails say so.
    ReportsMailedShort,
    /// Reports given up for a fault of ours or of a service.
    ReportsFailed,
    /// Reports given up since their recipient doesn't want them: nothing to mend.
    ReportsDeclined,
    /// Mails that the mail service had taken and that came back, by kind: `bounce`, `complaint`.
    MailsReturned {
        /// How.
        kind: &'static str,
    },
    /// Reports that a crash beside the mail service's yes may have sent twice.
    ReportsMailedTwicePossible,
    /// Runs of erasures that were broken off; the tick has them gone on with.
    ErasuresBrokenOff,
}

/// The names of all counters: an alarm may watch these and no others.
pub const COUNTER_NAMES: &[&str] = Counter::VARIANTS;

impl Counter {
    /// The metric's name, one of [`COUNTER_NAMES`].
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The dimension and the word that tell counts of one name apart.
    #[must_use]
    pub const fn label(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::FactsAccepted { kind }
            | Self::TrafficIgnored { kind }
            | Self::MailsReturned { kind }
            | Self::CartsDecided { outcome: kind }
            | Self::SignatureRefused { source: kind } => Some(("kind", kind)),
            Self::KeptAside { reason } => Some(("reason", reason)),
            _ => None,
        }
    }
}

/// Adds `n` to a counter. Counting zero says nothing.
pub fn count(counter: Counter, n: u64) {
    if n > 0 {
        sink().add(counter, n);
    }
}

/// What this process counted under exactly this name and label; 0 in a Lambda, whose counts have
/// left for `CloudWatch`.
#[must_use]
pub fn counted(counter: Counter) -> u64 {
    counts().get(&counter).copied().unwrap_or_default()
}

/// What this process counted under `name`, whatever the label.
#[must_use]
pub fn counted_in_all(name: &str) -> u64 {
    counts().iter().filter(|(counter, _)| counter.name() == name).map(|(_, n)| n).sum()
}

/// All that this process counted.
#[must_use]
pub fn counts() -> BTreeMap<Counter, u64> {
    match sink() {
        Sink::Process(counts) => locked(counts).clone(),
        Sink::CloudWatch(_) => BTreeMap::new(),
    }
}

/// Starts logging; later calls change nothing. `RUST_LOG` chooses what is logged, else Lambda's
/// own `AWS_LAMBDA_LOG_LEVEL`, else everything from `info` on.
pub fn init() {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV)
        .or_else(|_| std::env::var("AWS_LAMBDA_LOG_LEVEL"))
        .unwrap_or_else(|_| "info".to_owned());
    // A filter that can't be read must not cost the logs.
    let filter = EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    // An error only says that a subscriber is set already.
    let _ = if std::env::var_os(FUNCTION_NAME).is_some() {
        builder.json().event_format(line::JsonLine).try_init()
    } else {
        builder.compact().with_target(false).with_writer(std::io::stderr).try_init()
    };
}

#[expect(clippy::large_enum_variant, reason = "a process has one")]
enum Sink {
    Process(Mutex<BTreeMap<Counter, u64>>),
    CloudWatch(Mutex<Lines>),
}

fn sink() -> &'static Sink {
    static SINK: OnceLock<Sink> = OnceLock::new();
    SINK.get_or_init(|| match std::env::var(FUNCTION_NAME) {
        Ok(function) => Sink::CloudWatch(Mutex::new(Lines::of(function))),
        Err(_) => Sink::Process(Mutex::default()),
    })
}

impl Sink {
    fn add(&self, counter: Counter, n: u64) {
        match self {
            Self::Process(counts) => {
                let mut counts = locked(counts);
                let count = counts.entry(counter).or_default();
                *count = count.saturating_add(n);
            }
            Self::CloudWatch(lines) => {
                let written = locked(lines).write(counter, n, &mut std::io::stdout().lock());
                if let Err(error) = written {
                    // A count that can't be told must not fail what it counts.
                    tracing::error!(
                        counter = counter.name(),
                        n,
                        error,
                        "the count could not be written"
                    );
                }
            }
        }
    }
}

/// A count is whole at any moment, so a panic elsewhere can't have spoilt it.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes counts as EMF lines.
struct Lines {
    function: String,
    format: Emf,
}

impl Lines {
    fn of(function: String) -> Self {
        // No dimensions by default: each count names its own.
        let format = Emf::all_validations(NAMESPACE.to_owned(), vec![vec![]]);
        Self { function, format }
    }

    fn write(
        &mut self,
        counter: Counter,
        n: u64,
        output: &mut impl std::io::Write,
    ) -> Result<(), String> {
        let label = counter.label();
        let detailed = std::iter::once(FUNCTION).chain(label.map(|(dimension, _)| dimension));
        let detailed: Cow<'_, [_]> = detailed.map(Cow::Borrowed).collect();
        let dimensions = EntryDimensions::new(Cow::Owned(vec![Cow::Owned(Vec::new()), detailed]));
        let count =
            Count { counter, n, function: &self.function, at: SystemTime::now(), dimensions };
        self.format.format(&count, output).map_err(|error| error.to_string())
    }
}

/// One count as an EMF entry. It becomes two metrics: one without dimensions, which alarms watch,
/// and one by function and label, which tells where it comes from.
struct Count<'a> {
    counter: Counter,
    n: u64,
    function: &'a str,
    at: SystemTime,
    dimensions: EntryDimensions,
}

impl Entry for Count<'_> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.timestamp(self.at);
        writer.config(&self.dimensions);
        writer.value(FUNCTION, self.function);
        if let Some((dimension, word)) = self.counter.label() {
            writer.value(dimension, word);
        }
        writer.value(self.counter.name(), &self.n);
    }
}

#[cfg(test)]
mod tests;
