//! Texts of a store's people within a mail. A mail program makes links of whatever looks like an
//! address, and whoever names a campaign must not be able to send links to others through us.

use shared::domain::values::limits;

/// What joins the parts of an address, as ASCII writes it.
const JOINTS: [char; 4] = ['.', ':', '@', '\\'];

/// `text` without what can't be seen, without anything that a mail program would make a link of,
/// and no longer than a campaign's name may be.
pub(super) fn plain(text: &str) -> String {
    let chars: Vec<char> = text.chars().filter_map(shown).collect();
    let mut out = String::new();
    for (place, c) in chars.iter().enumerate() {
        out.push(*c);
        let before = place.checked_sub(1).and_then(|place| chars.get(place));
        if JOINTS.contains(c) && joins(before, *c, chars.get(place + 1)) {
            out.push(' ');
        }
    }
    cut(out.trim())
}

/// Whether a joint is one of an address: all are but those of times and decimals, which stand between
/// digits.
fn joins(before: Option<&char>, joint: char, after: Option<&char>) -> bool {
    let digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    match after {
        None | Some(' ') => false,
        Some(_) => joint == '@' || !(digit(before) && digit(after)),
    }
}

/// A character as it is shown; none for one that can't be seen.
fn shown(c: char) -> Option<char> {
    match c {
        // Other scripts' joints, which domain names and programs take for ours.
        '\u{2024}' | '\u{3002}' | '\u{fe52}' | '\u{ff0e}' | '\u{ff61}' => Some('.'),
        '\u{fe55}' | '\u{ff1a}' => Some(':'),
        '\u{fe6b}' | '\u{ff20}' => Some('@'),
        '\u{fe68}' | '\u{ff3c}' => Some('\\'),
        // Of no width, changing the direction, or of nobody's alphabet.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffd}'
        | '\u{e0000}'..='\u{10ffff}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// At most as many characters as a campaign's name has, the last one showing that more were there.
fn cut(text: &str) -> String {
    if text.chars().count() <= limits::CAMPAIGN_NAME_CHARS {
        return text.to_owned();
    }
    text.chars().take(limits::CAMPAIGN_NAME_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn names_stay_readable() {
        for name in [
            "Carrinho & <café>",
            "Black Friday: -50 %, 10:30 a 18:00!",
            "Versão 2.1 (teste)",
            "Mr. Bean",
            "Ação №1 / 🛒",
        ] {
            assert_eq!(plain(name), name);
        }
    }

    #[test]
    fn no_link_is_left() {
        for (name, told) in [
            ("https://evil.example/x", "https: //evil. example/x"),
            ("www.evil.example", "www. evil. example"),
            ("Ganhe em evil.example!", "Ganhe em evil. example!"),
            ("bob@evil.example", "bob@ evil. example"),
            ("mailto:bob", "mailto: bob"),
            (r"\\evil\share", r"\ \ evil\ share"),
            ("evil．example", "evil. example"),
            ("evil\u{200b}.\u{2060}example", "evil. example"),
            ("\u{202e}elpmaxe.live", "elpmaxe. live"),
            ("1.com", "1. com"),
            ("a\tb\u{a0}c", "a b c"),
        ] {
            assert_eq!(plain(name), told);
        }
    }

    #[test]
    fn a_name_has_at_most_eighty_characters() {
        let longest = "á".repeat(80);
        assert_eq!(plain(&longest), longest);
        assert_eq!(plain(&format!("{longest}b")), format!("{}…", "á".repeat(79)));
        assert_eq!(plain(&"a.".repeat(40)).chars().count(), 80);
    }

    /// Every text of five of these characters.
    #[test]
    fn no_joint_stands_between_two_characters() {
        const ALPHABET: [char; 8] = ['a', '1', '.', ':', '@', ' ', '\u{200b}', '\u{ff0e}'];
        for number in 0..8_usize.pow(5) {
            let text: String = (0..5).map(|place| ALPHABET[(number >> (3 * place)) & 7]).collect();
            let told: Vec<char> = plain(&text).chars().collect();
            for around in told.windows(3) {
                let [before, joint, after] = around else { unreachable!() };
                let digits = before.is_ascii_digit() && after.is_ascii_digit() && *joint != '@';
                assert!(
                    !JOINTS.contains(joint) || *after == ' ' || digits,
                    "{text:?} is told as {told:?}"
                );
            }
        }
    }
}
