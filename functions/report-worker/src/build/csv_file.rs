//! The CSV, as it grows.

use chrono_tz::Tz;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use shared::domain::reports::row::{COLUMNS, ReportRow};

use super::BuildError;
use super::upload::{PART_BYTES, Upload};

/// What is written, and what of it isn't stored yet.
pub(super) struct CsvFile<'a> {
    upload: Upload<'a>,
    zone: Tz,
    buffer: Vec<u8>,
}

impl<'a> CsvFile<'a> {
    /// A file that holds its header.
    pub(super) fn new(upload: Upload<'a>, zone: Tz) -> Result<Self, BuildError> {
        let mut file = Self { upload, zone, buffer: Vec::new() };
        file.append(COLUMNS)?;
        Ok(file)
    }

    /// Writes a row, and stores what fills a part.
    pub(super) async fn write(&mut self, row: &ReportRow) -> Result<(), BuildError> {
        self.append(row.csv_cells(self.zone))?;
        if self.buffer.len() >= PART_BYTES {
            self.upload.part(std::mem::take(&mut self.buffer)).await?;
        }
        Ok(())
    }

    fn append<T: AsRef<[u8]>>(&mut self, record: [T; 10]) -> Result<(), BuildError> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(std::mem::take(&mut self.buffer));
        writer.write_record(record).map_err(|error| BuildError::Row(error.into()))?;
        self.buffer =
            writer.into_inner().map_err(|error| BuildError::Row(error.to_string().into()))?;
        Ok(())
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
