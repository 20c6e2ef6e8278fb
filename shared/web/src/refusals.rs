//! What failures of the layers below become in an answer.

use domain::values::period::PeriodError;
use store::StoreError;

use crate::problem::Problem;

impl From<StoreError> for Problem {
    /// 503 where trying again can help, else 500.
    fn from(error: StoreError) -> Self {
        if error.is_transient() { Self::unavailable(error) } else { Self::internal(error) }
    }
}

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
