//! The CSV, as it grows.

use chrono_tz::Tz;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use shared::domain::reports::row::{COLUMNS, ReportFormat, ReportRow};
use shared::domain::values::money::Sums;

use super::BuildError;
use super::upload::{PART_BYTES, Upload};

/// A report's file: what is written, and what of it isn't stored yet.
pub(super) struct CsvFile<'a> {
    upload: Upload<'a>,
    format: ReportFormat,
    zone: Tz,
    buffer: Vec<u8>,
    rows: u64,
    totals: Sums,
}

impl<'a> CsvFile<'a> {
    /// A file that holds its header.
    pub(super) fn new(
        upload: Upload<'a>,
        format: ReportFormat,
        zone: Tz,
    ) -> Result<Self, BuildError> {
        let buffer = format.preamble().as_bytes().to_vec();
        let mut file = Self { upload, format, zone, buffer, rows: 0, totals: Sums::default() };
        file.append(COLUMNS)?;
        Ok(file)
    }

    /// Writes rows, and stores what fills a part.
    pub(super) async fn write(&mut self, rows: &[ReportRow]) -> Result<(), BuildError> {
        for row in rows {
            self.append(row.cells(self.zone, self.format))?;
            self.totals.add(&row.total().currency, row.total().minor_units);
            self.rows += 1;
            if self.buffer.len() >= PART_BYTES {
                self.upload.part(std::mem::take(&mut self.buffer)).await?;
            }
        }
        Ok(())
    }

    fn append<T: AsRef<[u8]>>(&mut self, record: [T; 10]) -> Result<(), BuildError> {
        let mut writer = WriterBuilder::new()
            .delimiter(self.format.delimiter())
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(std::mem::take(&mut self.buffer));
        writer.write_record(record).map_err(|error| BuildError::Csv(error.into()))?;
        self.buffer =
            writer.into_inner().map_err(|error| BuildError::Csv(error.to_string().into()))?;
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
        self.upload.finish(self.buffer).await
    }

    /// Forgets what was stored.
    pub(super) async fn abort(self) {
        self.upload.abort().await;
    }
}
