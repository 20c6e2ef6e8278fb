//! The operator's command: `cargo run -p ops -- recount | rederive | replay | catch-up | number | store-url | seal-secrets`.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use ingest::replay::{Outcomes, Replay, replay};
use ops::catch_up::{Progress, catch_up};
use ops::intake::{Intake, SYSTEM_SECRET, environment};
use ops::log::TableStream;
use ops::number::{confirm, move_to};
use ops::recount::table;
use ops::seal::{SealedSecrets, seal_secrets};
use shared::counting::recount::{Ledger, Recount, Repairing};
use shared::counting::rederive::{PARTS, Rederive, Rederived};
use shared::domain::values::account::{Account, StoreUrl};
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::intake::catch_up::{Pace, Tally};
use shared::runtime::clock::Clock;
use shared::runtime::config::aws;
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::store::accounts::StoreUrlConfirmed;
use shared::store::phone_numbers::NumberMoved;
use shared::telemetry::chain;

/// What an operator does by hand. The table and AWS's own settings come from the environment, as
/// those of the functions do: `TABLE_NAME`, `RETENTION_DAYS` (as the stack has it), `AWS_REGION`, …
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare the rollups with the facts; exit 1 where they differ and nothing was repaired.
    Recount {
        #[command(flatten)]
        range: Range,
        /// Correct the rollups, while traffic flows.
        #[arg(long)]
        repair: bool,
    },
    /// Derive the facts of a range anew, whose stream records were lost; then let `recount --repair`
    /// count them. Goes on where it stopped within a day; exit 1 where a fact can't be derived. Needs
    /// `PHONE_KEY_SECRET`.
    Rederive {
        #[command(flatten)]
        range: Range,
        /// Begin anew instead of going on.
        #[arg(long)]
        restart: bool,
    },
    /// Send what was kept aside through ingest again, and delete what went through. Needs
    /// `PHONE_KEY_SECRET`.
    Replay {
        /// The store.
        #[arg(long, value_parser = account)]
        account: Account,
        /// Only what was kept aside for this reason (`unknown-campaign`, …).
        #[arg(long)]
        reason: Option<String>,
        /// Only tell what there is.
        #[arg(long)]
        dry_run: bool,
    },
    /// Say whose a business phone number is. Needs `PHONE_KEY_SECRET`.
    #[command(subcommand)]
    Number(Number),
    /// Say that an address is a store's own.
    #[command(subcommand)]
    StoreUrl(StoreUrlCommand),
    /// Seal the secrets of all accounts that stand in the table in clear. Needs `PHONE_KEY_SECRET`.
    SealSecrets,
    /// Read the orders of a range from VTEX and store them as the hook does. Needs
    /// `PHONE_KEY_SECRET`.
    CatchUp {
        #[command(flatten)]
        range: Range,
    },
}

#[derive(Debug, Subcommand)]
enum Number {
    /// Confirm that a number which an account claims is its own, and replay what came for it.
    Confirm(NumberAndAccount),
    /// Take a number, with what comes for it from now on, from the account that has it to another.
    Move(NumberAndAccount),
}

#[derive(Debug, Subcommand)]
enum StoreUrlCommand {
    /// Confirm that the address which an account names is its store's: links may lead there.
    Confirm {
        /// The store.
        #[arg(long, value_parser = account)]
        account: Account,
        /// The address; its path doesn't matter.
        #[arg(long, value_parser = store_url)]
        url: StoreUrl,
    },
}

#[derive(Debug, Args)]
struct NumberAndAccount {
    /// The store.
    #[arg(long, value_parser = account)]
    account: Account,
    /// `WhatsApp`'s id of the number.
    #[arg(long, value_parser = number)]
    number: PhoneNumberId,
}

#[derive(Debug, Args)]
struct Range {
    /// The store.
    #[arg(long, value_parser = account)]
    account: Account,
    /// The first store day, as 2026-11-01.
    #[arg(long, value_parser = day)]
    from: StoreDay,
    /// The last store day.
    #[arg(long, value_parser = day)]
    to: StoreDay,
}

fn account(text: &str) -> Result<Account, String> {
    Account::parse(text).map_err(|error| error.to_string())
}

fn number(text: &str) -> Result<PhoneNumberId, String> {
    PhoneNumberId::parse(text).map_err(|error| error.to_string())
}

fn store_url(text: &str) -> Result<StoreUrl, String> {
    StoreUrl::parse(text).map_err(|error| error.to_string())
}

fn day(text: &str) -> Result<StoreDay, String> {
    StoreDay::parse(text).map_err(|error| error.to_string())
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let done = match arguments.command {
        Command::Recount { range, repair } => run_recount(&range, repair).await,
        Command::Rederive { range, restart } => run_rederive(&range, restart).await,
        Command::Replay { account, reason, dry_run } => {
            run_replay(&account, Replay { reason, dry_run, ..Replay::default() }).await
        }
        Command::Number(Number::Confirm(what)) => run_number_confirm(&what).await,
        Command::Number(Number::Move(what)) => run_number_move(&what).await,
        Command::SealSecrets => run_seal_secrets().await,
        Command::StoreUrl(StoreUrlCommand::Confirm { account, url }) => {
            run_store_url_confirm(&account, &url).await
        }
        Command::CatchUp { range } => run_catch_up(&range).await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", chain(&*error));
            ExitCode::from(2)
        }
    }
}

type Done = Result<ExitCode, Box<dyn Error>>;

/// A line on standard output; nobody may be listening.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn bar(length: Option<u64>, what: &'static str) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{msg:12} {wide_bar} {pos}/{len} {elapsed}"),
        None => (ProgressBar::new_spinner(), "{msg:12} {spinner} {pos} {elapsed}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

async fn run_recount(range: &Range, repair: bool) -> Done {
    let (settings, clock) = (environment()?, Clock::system());
    let config = aws::sdk_config(&settings)?;
    let store = Table::from_settings(&settings, &config)?;
    let account = store.account(&range.account).await?.ok_or("there is no such account")?;
    let today = StoreDay::of(clock.now(), account.settings.time_zone);
    // Facts of an earlier day may have expired: what is left of them can't judge its rollups.
    let period = store.retention().covers(Period::new(range.from, range.to)?, today)?;
    let (items, stream) = store.description().await?;
    let log = TableStream::new(aws_sdk_dynamodbstreams::Client::new(&config), stream);
    let ledger =
        Ledger { table: &store, log: &log, account: &range.account, period, clock: &clock };
    let bar = bar(Some(items), "reading");
    let advance = |looked_through| bar.inc(looked_through);
    if !repair {
        let found = ledger.recount(advance).await?;
        bar.finish_and_clear();
        return Ok(tell(&found, "differ"));
    }
    // Told as it goes: what is corrected can't be found again if a later step fails.
    let repairing = |repairing: Repairing<'_>| {
        bar.suspend(|| match repairing {
            Repairing::Found(found) => {
                tell(found, "differ and are being corrected");
            }
            Repairing::Corrected(number) => say(&format!("{number} were corrected")),
        });
    };
    let (_, left) = ledger.repair(advance, repairing).await?;
    bar.finish_and_clear();
    if left.differences.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    // Nothing corrects wrongly: what is left came up after the measuring.
    say("Still off:");
    Ok(tell(&left, "differ"))
}

async fn run_rederive(range: &Range, restart: bool) -> Done {
    let (settings, clock) = (environment()?, Clock::system());
    let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
    let key = PhoneKey::new(settings.required("PHONE_KEY_SECRET")?);
    let account = &range.account;
    let zone = table.account(account).await?.ok_or("there is no such account")?.settings.time_zone;
    let period = Period::new(range.from, range.to)?;
    let (items, _) = table.description().await?;
    let rederive = Rederive { table: &table, key: &key, clock: &clock, account, zone, period };
    let held = table.rederivation(account).await?;
    let run = rederive.begin(restart).await?;
    // An account has one run.
    if let Some(held) = held.filter(|held| held.id != run.id) {
        let (from, to, done) = (held.from, held.to, held.done.len());
        say(&format!("The run of {from} to {to} ends here: {done} of {PARTS} parts were done"));
    }
    if !run.done.is_empty() {
        let (done, begun) = (run.done.len(), run.started_at);
        say(&format!("Going on with the run of {begun}: {done} of {PARTS} parts are done"));
    }
    // Each of the two passes reads the whole table.
    let bar = bar(Some(2 * items), "reading");
    let told = rederive.finish(run, |looked_through| bar.inc(looked_through)).await?;
    bar.finish_and_clear();
    let Rederived { looked_at, changed, refused } = told;
    say(&format!("{looked_at} facts looked at, {changed} items changed"));
    if refused == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("{refused} facts can't be derived"));
    Ok(ExitCode::FAILURE)
}

/// Tells a recount; failure where anything differs.
fn tell(found: &Recount, differ: &str) -> ExitCode {
    let (rollups, facts, off) = (found.rollups, found.facts, found.differences.len());
    if off == 0 {
        say(&format!("{rollups} rollups agree with {facts} facts"));
        return ExitCode::SUCCESS;
    }
    say(table(found).trim_end());
    say(&format!("{off} of {rollups} rollups {differ}, by {facts} facts"));
    ExitCode::FAILURE
}

async fn run_replay(account: &Account, what: Replay) -> Done {
    let intake = Intake::from_environment()?;
    let record = intake.orders.table.account(account).await?.ok_or("there is no such account")?;
    let bar = bar(None, "kept aside");
    let outcomes = replay(&intake.orders, account, &what, || bar.inc(1)).await?;
    bar.finish_and_clear();
    tell_replayed(&outcomes);
    for number in &record.pending_phone_number_ids {
        say(&format!(
            "{number} is left out, since it is merely claimed: `number confirm` replays it"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_replayed(outcomes: &Outcomes) {
    for ((outcome, reason), number) in outcomes {
        say(&format!("{number:>8}  {outcome:20}  {reason}"));
    }
    if outcomes.is_empty() {
        say("nothing is kept aside");
    }
}

async fn run_number_confirm(what: &NumberAndAccount) -> Done {
    let NumberAndAccount { account, number } = what;
    let intake = Intake::from_environment()?;
    let bar = bar(None, "kept aside");
    let confirmed = confirm(&intake, account, number, || bar.inc(1)).await?;
    bar.finish_and_clear();
    say(&format!("{number} is {account}'s"));
    tell_replayed(&confirmed.replayed);
    for (other, deleted) in confirmed.others {
        say(&format!(
            "{other} claims it, too, or did: {deleted} items kept aside there were deleted"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_number_move(what: &NumberAndAccount) -> Done {
    let NumberAndAccount { account, number } = what;
    let table = Intake::from_environment()?.orders.table;
    say(&match move_to(&table, number, account).await? {
        NumberMoved::From(Some(owner)) => {
            format!("{number} was {owner}'s and is {account}'s from now on")
        }
        NumberMoved::From(None) => format!(
            "{number} was nobody's and is {account}'s from now on; `number confirm` counts what was \
             kept aside for it"
        ),
        _ => format!("{number} is {account}'s already"),
    });
    Ok(ExitCode::SUCCESS)
}

async fn run_store_url_confirm(account: &Account, url: &StoreUrl) -> Done {
    let settings = environment()?;
    let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
    match table.account_confirm_store_url(account, url).await? {
        StoreUrlConfirmed::Confirmed => {
            say(&format!("links of {account} may lead to {}", url.as_str()));
            Ok(ExitCode::SUCCESS)
        }
        StoreUrlConfirmed::Another(named) => {
            Err(format!("{account} names another address: {}", named.as_str()).into())
        }
        StoreUrlConfirmed::NoAccount => Err("there is no such account".into()),
    }
}

async fn run_seal_secrets() -> Done {
    let settings = environment()?;
    let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
    let key = SealingKey::derive(&settings.secret(SYSTEM_SECRET)?);
    let bar = bar(None, "accounts");
    let SealedSecrets { accounts, values } = seal_secrets(&table, &key, || bar.inc(1)).await?;
    bar.finish_and_clear();
    say(&format!("{accounts} accounts: {values} secrets stood in clear and are sealed"));
    Ok(ExitCode::SUCCESS)
}

async fn run_catch_up(range: &Range) -> Done {
    let orders = Intake::from_environment()?.orders;
    let settings = orders.table.account(&range.account).await?;
    let settings = settings.ok_or("there is no such account")?.settings;
    let period = Period::new(range.from, range.to)?;
    let bar = bar(None, "orders");
    let mut progress = |progress: Progress| match progress {
        Progress::Page(tally) => bar.set_position(tally.listed),
        Progress::Day(day, tally) => {
            bar.suspend(|| say(&format!("{day} done, {} orders so far", tally.listed)));
        }
    };
    let (zone, pace) = (settings.time_zone, Pace::default());
    let tally = catch_up(&orders, &range.account, period, zone, pace, &mut progress).await?;
    bar.finish_and_clear();
    let Tally { listed, changed, unchanged, ignored, kept_aside } = tally;
    say(&format!(
        "{listed} orders: {changed} changed, {unchanged} known, {ignored} sold elsewhere, {kept_aside} kept aside"
    ));
    Ok(ExitCode::SUCCESS)
}
