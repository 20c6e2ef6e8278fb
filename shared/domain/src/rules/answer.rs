//! What an answer of Meta's Graph API to a message means for it (R16).
//!
//! The API has no idempotency key. So a message is sent again only where Meta said with a code that it
//! was not taken; whatever else may have happened counts as unknown until a status tells.
//!
//! Codes: Meta, *`WhatsApp` error codes*, with those of its section "Marketing Messages API for `WhatsApp` error codes".

use crate::values::limits;
use crate::values::span::Span;

/// The answer to one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// No connection came about: no byte has left.
    NoConnection,
    /// The connection was lost, or nothing came in time.
    Silence,
    /// An HTTP status of 500 or above without a code that we could read.
    ServerError,
    /// Meta's error code.
    Code(u32),
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Not taken: try once more after this span.
    Later {
        /// How long it waits.
        after: Span,
        /// Whether the account sends half as fast from now on.
        slower: bool,
        /// Whether somebody has to look.
        alarm: bool,
    },
    /// It may have been taken: never again.
    Unknown,
    /// Not taken by way of Marketing Messages: the account has none, or its template isn't one of theirs. It goes the
    /// usual way.
    UsualWay,
    /// Nothing of the account is taken at present: its carts wait.
    Blocked,
    /// The template can't be sent at present: its carts wait.
    TemplateWaits(TemplateTrouble),
    /// It won't be taken.
    Rejected(Consequence),
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateTrouble {
    /// It doesn't exist.
    Missing,
    /// It is paused.
    Paused,
}

/// What a refusal says beyond its own message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Leave this contact alone for so long.
    Suppress(Span),
    /// This contact wants no messages.
    OptOut,
    /// The template is switched off.
    TemplateDisabled,
    /// The message was made wrongly; the third in a row marks its template as broken.
    Malformed,
}

/// What is done about an answer to the attempt number `attempt`, counted from 1.
#[must_use]
pub fn action(answer: Answer, attempt: u32) -> Action {
    let later = |after, slower, alarm| Action::Later { after, slower, alarm };
    let code = match answer {
        Answer::NoConnection => return later(Span::seconds(60), false, false),
        Answer::Silence | Answer::ServerError => return Action::Unknown,
        Answer::Code(code) => code,
    };
    match code {
        4 | 80_007 | 130_429 => later(Span::seconds(30 * power(2, attempt)), true, false),
        131_056 => later(Span::seconds(power(4, attempt)), false, false),
        134_101 => later(Span::seconds(600), false, false),
        // "Only marketing template messages are supported", "Only marketing messages supported", "Template unavailable
        // for use".
        131_055 | 134_100 | 134_102 => Action::UsualWay,
        131_048 | 131_064 => later(Span::hours(1), true, true),
        0
        | 3
        | 10
        | 33
        | 190
        | 200..=299
        | 368
        | 131_005
        | 131_031
        | 131_037
        | 131_042
        | 131_045
        | 133_010 => Action::Blocked,
        131_021 | 131_026 | 130_497 | 131_062 | 130_403 => suppress(30),
        131_049 => suppress(1),
        130_472 => suppress(7),
        131_050 => Action::Rejected(Consequence::OptOut),
        132_001 => Action::TemplateWaits(TemplateTrouble::Missing),
        132_015 => Action::TemplateWaits(TemplateTrouble::Paused),
        132_016 => Action::Rejected(Consequence::TemplateDisabled),
        // The picture that Meta can't read (131053) is the same standing one in each message.
        100 | 131_008 | 131_009 | 131_047 | 131_053 | 132_000 | 132_005 | 132_007 | 132_012
        | 132_018 => Action::Rejected(Consequence::Malformed),
        // 1, 2, 131000, 131016, 131057 and 133004 say that something broke on Meta's side, and a code
        // that isn't listed says nothing: the message may have been taken.
        _ => Action::Unknown,
    }
}

const fn suppress(days: i64) -> Action {
    Action::Rejected(Consequence::Suppress(Span::days(days)))
}

/// Attempts are few (`limits::SEND_ATTEMPTS`), so a power of their number stays small.
fn power(base: i64, attempt: u32) -> i64 {
    base.saturating_pow(attempt.min(limits::SEND_ATTEMPTS))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]

    use super::*;

    /// Whether the message may be sent once more.
    fn is_repeated(answer: Answer) -> bool {
        matches!(
            action(answer, 1),
            Action::Later { .. } | Action::UsualWay | Action::Blocked | Action::TemplateWaits(_)
        )
    }

    #[test]
    fn an_unlisted_code_is_not_replayed() {
        for code in [1, 2, 131_000, 131_016, 131_057, 133_004, 5, 101, 199, 300, 999_999, u32::MAX]
        {
            assert_eq!(action(Answer::Code(code), 1), Action::Unknown, "{code}");
        }
    }

    #[test]
    fn a_lost_answer_is_not_replayed() {
        for answer in [Answer::Silence, Answer::ServerError] {
            assert_eq!(action(answer, 1), Action::Unknown);
            assert!(!is_repeated(answer));
        }
        assert!(is_repeated(Answer::NoConnection));
    }

    #[test]
    fn a_throttle_waits_twice_as_long_each_time_and_slows_the_account() {
        let mut before = Span::millis(0);
        for attempt in 1..=limits::SEND_ATTEMPTS {
            for code in [4, 80_007, 130_429] {
                let Action::Later { after, slower, alarm } = action(Answer::Code(code), attempt)
                else {
                    panic!("{code}")
                };
                assert!(slower && !alarm);
                assert_eq!(after, Span::seconds(30 * 2_i64.pow(attempt)));
                assert!(after > before || code != 4);
            }
            before = Span::seconds(30 * 2_i64.pow(attempt));
        }
        let pair = action(Answer::Code(131_056), 3);
        assert_eq!(pair, Action::Later { after: Span::seconds(64), slower: false, alarm: false });
    }

    #[test]
    fn a_contact_is_left_alone_as_long_as_meta_asks() {
        for (code, days) in [
            (131_026, 30),
            (131_021, 30),
            (130_497, 30),
            (131_062, 30),
            (131_049, 1),
            (130_472, 7),
            (130_403, 30),
        ] {
            assert_eq!(action(Answer::Code(code), 1), suppress(days), "{code}");
        }
    }

    #[test]
    fn an_account_that_is_blocked_waits() {
        for code in
            [0, 3, 10, 190, 200, 299, 33, 368, 131_005, 131_031, 131_037, 131_042, 131_045, 133_010]
        {
            assert_eq!(action(Answer::Code(code), 1), Action::Blocked, "{code}");
        }
    }

    #[test]
    fn what_is_made_wrongly_is_rejected() {
        for code in
            [100, 131_008, 131_009, 131_047, 131_053, 132_000, 132_005, 132_007, 132_012, 132_018]
        {
            assert_eq!(
                action(Answer::Code(code), 1),
                Action::Rejected(Consequence::Malformed),
                "{code}"
            );
        }
    }
}
