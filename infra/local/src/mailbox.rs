//! The mails that the small SES endpoint took: one `.eml` file each, readable by any mail program.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use mail_parser::{Address, Message, MessageParser};
use serde::Serialize;
use shared::{domain::values::instant::Instant, runtime::clock::Clock};

/// A mail as `GET /local/mailbox` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// SES's message id, and the name of its file.
    pub id: String,
    /// Its recipients, separated by commas.
    pub to: String,
    /// Its subject, decoded.
    pub subject: String,
    /// When it was sent.
    pub at: Instant,
}

/// All mails of a data directory.
#[derive(Debug)]
pub struct Mailbox {
    directory: PathBuf,
    clock: Clock,
    mails: Mutex<Vec<Mail>>,
    to_refuse: AtomicUsize,
}

impl Mailbox {
    /// Opens the mailbox in `directory`, made if absent.
    pub fn open(directory: &Path, clock: Clock) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let mut ids: Vec<String> = std::fs::read_dir(directory)?
            .filter_map(|entry| {
                entry.ok()?.file_name().to_str()?.strip_suffix(".eml").map(str::to_owned)
            })
            .collect();
        ids.sort_unstable();
        let mut mails = Vec::with_capacity(ids.len());
        for id in ids {
            let raw = std::fs::read(directory.join(format!("{id}.eml")))?;
            let millis =
                id.split('-').nth(1).and_then(|millis| millis.parse().ok()).unwrap_or_default();
            let (to, subject) = headers(&raw);
            mails.push(Mail { id, to, subject, at: Instant::from_millis(millis) });
        }
        Ok(Self {
            directory: directory.to_owned(),
            clock,
            mails: Mutex::new(mails),
            to_refuse: AtomicUsize::new(0),
        })
    }

    /// Keeps a mail and tells its id. `recipients` are the envelope's; without any, the header's are told.
    pub fn keep(&self, raw: &[u8], recipients: &[String]) -> std::io::Result<String> {
        let (to, subject) = headers(raw);
        let to = if recipients.is_empty() { to } else { recipients.join(", ") };
        let at = self.clock.now();
        let mut mails = self.mails();
        // Numbered first: the order stays the order of sending even when a test sets the clock back.
        let id = format!("{:06}-{}", mails.len() + 1, at.millis());
        let path = self.directory.join(format!("{id}.eml"));
        let unfinished = self.directory.join(format!("{id}.part"));
        std::fs::write(&unfinished, raw)?;
        std::fs::rename(&unfinished, &path)?;
        mails.push(Mail { id: id.clone(), to, subject, at });
        Ok(id)
    }

    /// What time it is for mails.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// All mails, newest last.
    #[must_use]
    pub fn list(&self) -> Vec<Mail> {
        self.mails().clone()
    }

    /// The mail as it was sent; none for an unknown id.
    pub fn raw(&self, id: &str) -> std::io::Result<Option<Vec<u8>>> {
        // Only a listed id becomes a path.
        if self.mails().iter().any(|mail| mail.id == id) {
            std::fs::read(self.directory.join(format!("{id}.eml"))).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Has SES refuse the next `count` mails, as it does when the account's quota is used up.
    pub fn refuse_next(&self, count: usize) {
        self.to_refuse.store(count, Ordering::SeqCst);
    }

    /// Whether the mail at hand is one to refuse.
    pub(crate) fn take_refusal(&self) -> bool {
        self.to_refuse
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1))
            .is_ok()
    }

    fn mails(&self) -> MutexGuard<'_, Vec<Mail>> {
        // A panic while pushing leaves the list whole.
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Recipients and subject from the mail's own headers.
fn headers(raw: &[u8]) -> (String, String) {
    let Some(message) = MessageParser::default().parse_headers(raw) else {
        return (String::new(), String::new());
    };
    (header_recipients(&message).join(", "), message.subject().unwrap_or_default().to_owned())
}

/// The addresses of To, Cc and Bcc.
pub(crate) fn header_recipients(message: &Message<'_>) -> Vec<String> {
    [message.to(), message.cc(), message.bcc()]
        .into_iter()
        .flatten()
        .flat_map(Address::iter)
        .filter_map(|address| address.address().map(str::to_owned))
        .collect()
}
