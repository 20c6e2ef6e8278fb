//! Ranges of store days that a caller asked for.

use crate::domain::period::PeriodError;
use crate::web::problem::Problem;

impl From<PeriodError> for Problem {
    /// 422 `range-reversed`, `range-too-long` or `range-too-old` at `from`.
    fn from(error: PeriodError) -> Self {
        let code = match error {
            PeriodError::Reversed => "range-reversed",
            PeriodError::TooLong => "range-too-long",
            PeriodError::TooOld => "range-too-old",
        };
        Self::unprocessable(code, "from", error.to_string())
    }
}
