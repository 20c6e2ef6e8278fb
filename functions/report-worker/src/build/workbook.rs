//! The workbook, as it grows.
//!
//! Its rows go into a file of the temporary directory as they come (in Lambda `/tmp`), since a zip
//! entry is written in one go; the file has no name, and its room is free again when it is dropped. At
//! the end the workbook is zipped from there into the parts of the upload. So memory stays flat. What
//! the temporary directory has to hold is limited ([`WorkbookLimits`]): the library takes a full disk
//! for a fault of the program.

use std::io::{self, Write};

use chrono_tz::Tz;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook as Writer, Worksheet, XlsxError,
};
use shared::domain::reports::row::{ReportRow, WorkbookCell, workbook_titles};
use shared::domain::values::limits;
use tokio::sync::mpsc;

use super::upload::{PART_BYTES, Upload};
use super::{BuildError, ReportSpec};

const SHEET: &str = "conversions";
const LAST_COLUMN: u16 = 9;
/// What each column is wide, in characters: what it mostly holds can be read.
const WIDTHS: [u8; 10] = [28, 20, 20, 20, 12, 56, 56, 14, 10, 36];
/// Bytes that a cell takes beside its text, at most: its place, format and kind.
const CELL_XML_BYTES: u64 = 100;
const SECONDS_PER_DAY: f64 = 86_400.0;
/// Excel's number of 1970-01-01.
const EPOCH: f64 = 25_569.0;

/// What a workbook may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkbookLimits {
    /// Rows below the header.
    pub rows: u32,
    /// Bytes of the sheet before it is zipped.
    pub sheet_bytes: u64,
}

impl Default for WorkbookLimits {
    fn default() -> Self {
        Self { rows: limits::WORKBOOK_ROWS, sheet_bytes: limits::WORKBOOK_SHEET_BYTES }
    }
}

/// A workbook of one sheet: its header is frozen and filtered.
pub(super) struct Workbook<'a> {
    upload: Upload<'a>,
    zone: Tz,
    writer: Box<Writer>,
    formats: Formats,
    limits: WorkbookLimits,
    rows: u32,
    /// Not less than the sheet takes.
    sheet_bytes: u64,
}

/// How cells look.
struct Formats {
    header: Format,
    text: Format,
    items: Format,
    flag: Format,
    time: Format,
    /// By the digits of the currency.
    amounts: Vec<Format>,
}

impl Formats {
    fn new() -> Self {
        let plain = || Format::new().set_align(FormatAlign::Top);
        let amount = |digits| match digits {
            0 => "#,##0".to_owned(),
            digits => format!("#,##0.{}", "0".repeat(digits)),
        };
        Self {
            header: plain().set_bold().set_text_wrap(),
            text: plain(),
            items: plain().set_text_wrap(),
            flag: plain().set_align(FormatAlign::Center),
            time: plain().set_num_format("yyyy-mm-dd hh:mm:ss"),
            // No currency of ISO 4217 has more than four.
            amounts: (0..=4).map(|digits| plain().set_num_format(amount(digits))).collect(),
        }
    }

    fn amount(&self, digits: usize) -> &Format {
        self.amounts.get(digits).unwrap_or(&self.text)
    }
}

impl<'a> Workbook<'a> {
    /// A workbook that holds its header.
    pub(super) fn new(
        upload: Upload<'a>,
        spec: &ReportSpec<'_>,
        limits: WorkbookLimits,
    ) -> Result<Self, BuildError> {
        let formats = Formats::new();
        let writer = Box::new(begin(spec, &formats).map_err(failed)?);
        Ok(Self { upload, zone: spec.zone, writer, formats, limits, rows: 0, sheet_bytes: 0 })
    }

    /// Writes a row.
    pub(super) fn write(&mut self, row: &ReportRow) -> Result<(), BuildError> {
        let cells = row.workbook_cells(self.zone);
        self.sheet_bytes += cells.iter().map(xml_bytes).sum::<u64>();
        if self.rows >= self.limits.rows || self.sheet_bytes > self.limits.sheet_bytes {
            return Err(BuildError::TooLarge);
        }
        self.rows += 1;
        let sheet = self.writer.worksheet_from_index(0).map_err(failed)?;
        for (column, cell) in (0..).zip(&cells) {
            let place = (self.rows, column);
            write_cell(sheet, place, cell, &self.formats).map_err(failed)?;
        }
        Ok(())
    }

    /// Zips and stores it, and tells its size. Nothing stays behind when it fails.
    pub(super) async fn finish(mut self: Box<Self>) -> Result<u64, BuildError> {
        let sheet = self.writer.worksheet_from_index(0).map_err(failed)?;
        sheet.autofilter(0, 0, self.rows, LAST_COLUMN).map_err(failed)?;
        let (sender, mut parts) = mpsc::channel(1);
        let mut writer = self.writer;
        // Zipping takes a processor for seconds: the upload goes on beside it.
        let zipping = tokio::task::spawn_blocking(move || {
            let mut zipped = Zipped { buffer: Vec::new(), parts: sender };
            writer.save_to_writer(&mut zipped).map(|()| zipped.buffer)
        });
        let mut stored = Ok(());
        while let Some(part) = parts.recv().await {
            stored = self.upload.part(part).await;
            if stored.is_err() {
                // Zipping ends at the next part.
                break;
            }
        }
        drop(parts);
        let rest = zipping.await.map_err(|error| BuildError::Row(error.into()));
        let rest = rest.and_then(|rest| rest.map_err(failed));
        match stored.and(rest) {
            Ok(rest) => self.upload.finish(rest).await,
            Err(error) => {
                self.upload.abort().await;
                Err(error)
            }
        }
    }
}

fn begin(spec: &ReportSpec<'_>, formats: &Formats) -> Result<Writer, XlsxError> {
    let mut writer = Writer::new();
    // The library would note when it was written: the same conversions make the same bytes.
    let created = ExcelDateTime::parse_from_str(&spec.period.to().to_string())?;
    writer.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = writer.add_worksheet_with_constant_memory()?;
    sheet.set_name(SHEET)?;
    sheet.set_freeze_panes(1, 0)?;
    // Printed, it is as wide as a page, each of which begins with the header.
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    for (column, title) in (0..).zip(workbook_titles(spec.zone)) {
        sheet.write_string_with_format(0, column, title, &formats.header)?;
    }
    Ok(writer)
}

fn failed(error: XlsxError) -> BuildError {
    BuildError::Row(error.into())
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &WorkbookCell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        WorkbookCell::Empty => return Ok(()),
        WorkbookCell::Text(text) => {
            sheet.write_string_with_format(row, column, text, &formats.text)?
        }
        WorkbookCell::Items(lines) => {
            sheet.write_string_with_format(row, column, lines, &formats.items)?
        }
        WorkbookCell::Time(time) => {
            let days = number(time.and_utc().timestamp()) / SECONDS_PER_DAY + EPOCH;
            sheet.write_number_with_format(row, column, days, &formats.time)?
        }
        WorkbookCell::Flag(flag) => {
            sheet.write_boolean_with_format(row, column, *flag, &formats.flag)?
        }
        WorkbookCell::Amount { minor_units, digits } => {
            let amount = number(*minor_units) / 10_f64.powi(i32::try_from(*digits).unwrap_or(0));
            sheet.write_number_with_format(row, column, amount, formats.amount(*digits))?
        }
    };
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "times and amounts of orders stay below 2^53")]
const fn number(integer: i64) -> f64 {
    integer as f64
}

/// Bytes that a cell takes in the sheet, at most.
fn xml_bytes(cell: &WorkbookCell) -> u64 {
    let text = match cell {
        WorkbookCell::Text(text) | WorkbookCell::Items(text) => text.as_str(),
        _ => "",
    };
    let bytes = |c: char| match c {
        '&' | '<' | '>' => 5,
        // Written as `_xHHHH_`; an underscore may begin what looks like that.
        '\0'..='\x1f' | '_' | '\u{fffe}' | '\u{ffff}' => 7,
        c => c.len_utf8() as u64,
    };
    CELL_XML_BYTES + text.chars().map(bytes).sum::<u64>()
}

/// Takes the zipped bytes, and passes on what fills a part.
struct Zipped {
    buffer: Vec<u8>,
    parts: mpsc::Sender<Vec<u8>>,
}

impl Write for Zipped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART_BYTES {
            let part = std::mem::take(&mut self.buffer);
            self.parts.blocking_send(part).map_err(|_| io::Error::other("the upload stopped"))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
