//! The file of a report, as it grows.

use shared::domain::reports::row::{ReportFormat, ReportRow};
use shared::domain::values::money::Sums;

use super::csv_file::CsvFile;
use super::upload::Upload;
use super::workbook::Workbook;
use super::{BuildError, ReportSpec};
use crate::Deps;

/// A file that isn't stored yet, or not to its end.
pub(super) struct GrowingFile<'a> {
    contents: Contents<'a>,
    rows: u64,
    totals: Sums,
}

enum Contents<'a> {
    Csv(CsvFile<'a>),
    Workbook(Box<Workbook<'a>>),
}

impl<'a> GrowingFile<'a> {
    /// A file that holds its header.
    pub(super) fn new(deps: &'a Deps, spec: &ReportSpec<'a>) -> Result<Self, BuildError> {
        let upload = Upload::new(&deps.s3, &deps.bucket, spec.s3_key, spec.file_name, spec.format);
        let contents = match spec.format {
            ReportFormat::Csv => Contents::Csv(CsvFile::new(upload, spec.zone)?),
            ReportFormat::Xlsx => {
                Contents::Workbook(Box::new(Workbook::new(upload, spec, deps.workbook_limits)?))
            }
        };
        Ok(Self { contents, rows: 0, totals: Sums::default() })
    }

    /// Writes rows.
    pub(super) async fn write(&mut self, rows: &[ReportRow]) -> Result<(), BuildError> {
        for row in rows {
            match &mut self.contents {
                Contents::Csv(file) => file.write(row).await?,
                Contents::Workbook(file) => file.write(row)?,
            }
            self.totals.add(&row.total().currency, row.total().minor_units);
            self.rows += 1;
        }
        Ok(())
    }

    /// How many rows it has.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// The sums of its rows (R8).
    pub(super) fn totals(&self) -> Sums {
        self.totals.clone()
    }

    /// Stores the rest, and tells the file's size. Nothing stays behind when it fails.
    pub(super) async fn finish(self) -> Result<u64, BuildError> {
        match self.contents {
            Contents::Csv(file) => file.finish().await,
            Contents::Workbook(file) => Box::pin(file.finish()).await,
        }
    }

    /// Forgets what was stored.
    pub(super) async fn abort(self) {
        match self.contents {
            Contents::Csv(file) => file.abort().await,
            // Nothing of it is stored before its end.
            Contents::Workbook(_) => {}
        }
    }
}
