//! Domain names: which of them belong together.

/// Domains under which each label is another store's, and which the public suffix list doesn't
/// know as such: VTEX's.
const STORE_PLATFORMS: [&str; 3] =
    ["myvtex.com", "vtexcommercestable.com.br", "vtexcommercebeta.com.br"];

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
