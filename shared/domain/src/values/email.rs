//! E-mail addresses that reports go to.

use serde::{Deserialize, Serialize};

use crate::values::invalid::Invalid;

/// Bytes of an address: what SMTP carries (RFC 5321, errata 1690).
const ADDRESS_BYTES: usize = 254;
/// Bytes before the `@` (RFC 5321).
const LOCAL_BYTES: usize = 64;
/// Bytes of one label of a domain (RFC 1035).
const LABEL_BYTES: usize = 63;

/// One e-mail address as a mailbox writes it: a dot-atom, `@`, a domain of at least two labels;
/// no display name, no comment, no quotes, ASCII alone (SES takes nothing else). So none can hold
/// a second recipient or a header. The domain is kept in lower case.
///
/// Its `Debug` is redacted and it has no `Display`: it must not reach a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    const WHAT: Invalid = Invalid::new(
        "email",
        "one address such as ana@store.example, in ASCII, without a name beside it",
    );

    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (local, domain) = text.rsplit_once('@').ok_or(Self::WHAT)?;
        if text.len() <= ADDRESS_BYTES && is_local(local) && is_domain(domain) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(Self::WHAT)
        }
    }

    /// The address, for the mail itself and for whoever asked for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mailbox as recipients are compared: in lower case, without what follows a `+` (RFC 5233).
    /// No mailbox is told from another by capitals alone, and everybody has as many addresses with a
    /// `+` as they can think of.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        // A `+` at the start is part of the name.
        let end = local.char_indices().skip(1).find(|(_, sign)| *sign == '+');
        let name = end.map_or(local, |(at, _)| local.get(..at).unwrap_or(local));
        format!("{}@{domain}", name.to_ascii_lowercase())
    }

    /// What stands behind the `@`, in lower case.
    #[must_use]
    #[expect(clippy::expect_used, reason = "`parse` takes no address without an `@`")]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').expect("an address has an `@`").1
    }

    /// Whether the address is of one of these domains: a domain stands for itself, not for its
    /// subdomains.
    #[must_use]
    pub fn is_of(&self, domains: &[String]) -> bool {
        domains.iter().any(|domain| domain.eq_ignore_ascii_case(self.domain()))
    }
}

fn is_local(text: &str) -> bool {
    (1..=LOCAL_BYTES).contains(&text.len())
        && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// RFC 5322's `atext`.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    // A last label of digits would be an IP address.
    let named = labels.last().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
    labels.len() >= 2 && named && labels.into_iter().all(is_label)
}

fn is_label(text: &str) -> bool {
    (1..=LABEL_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_address_is_kept_with_its_domain_in_lower_case() {
        for (text, kept) in [
            ("ana@store.example", "ana@store.example"),
            ("Ana.Luz+vtex@Store.COM.br", "Ana.Luz+vtex@store.com.br"),
            ("o'neil@xn--caf-dma.example", "o'neil@xn--caf-dma.example"),
            ("!#$%&'*+-/=?^_`{|}~@a.b", "!#$%&'*+-/=?^_`{|}~@a.b"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap().as_str(), kept);
        }
        assert_eq!(EmailAddress::parse("a@Store.Example").unwrap().domain(), "store.example");
    }

    #[test]
    fn nothing_but_one_address_is_taken() {
        for text in [
            "",
            "@",
            "ana",
            "ana@",
            "@store.example",
            "ana@store",
            "ana@store.",
            "ana@.example",
            "ana@store..example",
            "ana@-store.example",
            "ana@store-.example",
            "ana@127.0.0.1",
            "ana@[127.0.0.1]",
            ".ana@store.example",
            "ana.@store.example",
            "a..b@store.example",
            "Ana <ana@store.example>",
            "<ana@store.example>",
            "ana@store.example,bob@store.example",
            "ana@store.example bob@store.example",
            " ana@store.example",
            "ana@store.example ",
            "ana@store.example\r\nBcc: bob@store.example",
            "ana\n@store.example",
            "ana\0@store.example",
            "\"a b\"@store.example",
            "ana@bob@store.example",
            "aná@store.example",
            "ana@stóre.example",
            "ana(x)@store.example",
            "ana;x@store.example",
            "ana:x@store.example",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lengths_end_where_smtp_ends() {
        let domain = format!("{}.{}.example", "d".repeat(63), "e".repeat(63));
        let room = ADDRESS_BYTES - domain.len() - 1;
        assert!(room > LOCAL_BYTES);
        let local = "l".repeat(LOCAL_BYTES);
        assert!(EmailAddress::parse(&format!("{local}@{domain}")).is_ok());
        assert!(EmailAddress::parse(&format!("{local}l@{domain}")).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.example", "d".repeat(64))).is_err());
        let long = |bytes: usize| {
            let labels = format!("{}.{}.{}", "d".repeat(63), "e".repeat(63), "f".repeat(63));
            format!("{}@{labels}", "l".repeat(bytes - labels.len() - 1))
        };
        assert!(EmailAddress::parse(&long(254)).is_ok());
        assert!(EmailAddress::parse(&long(255)).is_err());
    }

    #[test]
    fn a_list_names_whole_domains() {
        let ana = EmailAddress::parse("ana@Store.example").unwrap();
        let is_of = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|domain| (*domain).to_owned()).collect();
            ana.is_of(&list)
        };
        assert!(is_of(&["other.example", "STORE.example"]));
        assert!(!is_of(&[]));
        assert!(!is_of(&["example"]));
        assert!(!is_of(&["mail.store.example", "xstore.example"]));
    }

    #[test]
    fn a_mailbox_has_one_name() {
        for (text, mailbox) in [
            ("Ana@Store.example", "ana@store.example"),
            ("ana+1@store.example", "ana@store.example"),
            ("ANA+a+b@store.example", "ana@store.example"),
            ("+ana+x@store.example", "+ana@store.example"),
            ("a.na@store.example", "a.na@store.example"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap().mailbox(), mailbox);
        }
    }

    #[test]
    fn no_log_shows_an_address() {
        let ana = EmailAddress::parse("ana@store.example").unwrap();
        assert_eq!(format!("{ana:?}"), "EmailAddress(…)");
    }
}
