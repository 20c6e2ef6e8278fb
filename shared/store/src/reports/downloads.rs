//! Where the download links of mails lead.

use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, write};
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::reports::report::{DownloadToken, ReportId};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::span::Span;

/// How much longer than the link works the table knows it, so that a late click is told that it
/// is late.
const REMEMBERED: Span = Span::days(30);

/// What a mail's link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Download {
    /// Whose file it is.
    pub account: Account,
    /// The report.
    pub report_id: ReportId,
    /// The file's key in the bucket.
    pub s3_key: String,
    /// When the link ends.
    pub valid_until: Instant,
}

impl Table {
    /// Stores what a link leads to, under its token's hash.
    pub async fn download_write(
        &self,
        token: &DownloadToken,
        download: &Download,
    ) -> Result<(), StoreError> {
        let mut item = write("download", &Key::download(token), download)?;
        expire(&mut item, Some(download.valid_until.plus(REMEMBERED).seconds()));
        self.put("write a download", item).await
    }

    /// What a link leads to, whether or not it still works.
    pub async fn download(&self, token: &DownloadToken) -> Result<Option<Download>, StoreError> {
        self.get("download", &Key::download(token)).await
    }
}
