//! Domain names: which of them belong together.

/// Domains under which each label is another store's, and which the public suffix list doesn't
/// know as such: VTEX's.
const STORE_PLATFORMS: [&str; 3] =
    ["myvtex.com", "vtexcommercestable.com.br", "vtexcommercebeta.com.br"];

/// Where anybody gets an address: the mail providers that most people in the countries of our stores
/// use.
const MAIL_PROVIDERS: [&str; 42] = [
    "aol.com",
    "bol.com.br",
    "email.com",
    "fibertel.com.ar",
    "gmail.com",
    "globo.com",
    "globomail.com",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.com.ar",
    "hotmail.com.br",
    "hotmail.es",
    "icloud.com",
    "ig.com.br",
    "live.com",
    "live.com.ar",
    "live.com.mx",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "oi.com.br",
    "outlook.com",
    "outlook.com.br",
    "outlook.es",
    "pm.me",
    "prodigy.net.mx",
    "proton.me",
    "protonmail.com",
    "r7.com",
    "rocketmail.com",
    "terra.com.br",
    "uol.com.br",
    "yahoo.com",
    "yahoo.com.ar",
    "yahoo.com.br",
    "yahoo.com.mx",
    "ymail.com",
    "zipmail.com.br",
];

/// Whether a domain, in lower case, can be one organisation's own: neither a public suffix or a
/// platform's name nor a provider where anybody gets an address.
#[must_use]
pub fn is_ones_own(domain: &str) -> bool {
    registrable(domain).is_some_and(|registered| !MAIL_PROVIDERS.contains(&registered))
}

/// The part of a domain that its owner registered: `store.com.br` of `www.store.com.br`. None where
/// nobody did: a public suffix (`com.br`), a platform's own name. `domain` is in lower case.
#[must_use]
pub fn registrable(domain: &str) -> Option<&str> {
    for platform in STORE_PLATFORMS {
        if domain == platform {
            return None;
        }
        let Some(below) = domain.strip_suffix(platform).and_then(|name| name.strip_suffix('.'))
        else {
            continue;
        };
        let label = below.rsplit('.').next().unwrap_or(below);
        return domain.get(domain.len() - platform.len() - 1 - label.len()..);
    }
    psl::domain_str(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_owns_where_everybody_has_an_address() {
        for own in ["store.com.br", "mail.agency.example", "acme.myvtex.com"] {
            assert!(is_ones_own(own), "{own}");
        }
        for shared in MAIL_PROVIDERS {
            assert!(!is_ones_own(shared), "{shared}");
        }
        for shared in ["com.br", "com", "myvtex.com", "mail.yahoo.com", "github.io"] {
            assert!(!is_ones_own(shared), "{shared}");
        }
    }

    #[test]
    fn what_is_registered_stands_below_a_public_suffix() {
        for (domain, registered) in [
            ("store.com.br", Some("store.com.br")),
            ("www.store.com.br", Some("store.com.br")),
            ("mail.eu.store.example", Some("store.example")),
            ("acme.myvtex.com", Some("acme.myvtex.com")),
            ("www.acme.myvtex.com", Some("acme.myvtex.com")),
            ("acme.vtexcommercestable.com.br", Some("acme.vtexcommercestable.com.br")),
            ("notmyvtex.com", Some("notmyvtex.com")),
            ("myvtex.com", None),
            ("vtexcommercestable.com.br", None),
            ("com.br", None),
            ("com", None),
            ("acme.github.io", Some("acme.github.io")),
            ("github.io", None),
        ] {
            assert_eq!(registrable(domain), registered, "{domain}");
        }
    }
}
