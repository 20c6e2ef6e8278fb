//! Hosts at which addresses are believed to be a store's own, without anybody's confirmation.

use crate::values::account::StoreUrl;
use crate::values::invalid::Invalid;

/// Hosts whose addresses are believed: those that only a store of the platform can have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreHosts(Vec<StoreHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum StoreHost {
    /// `*.shops.example`: every host below it, and not itself.
    Below(String),
    /// `shop.example`: it alone.
    Exactly(String),
}

impl StoreHosts {
    const WHAT: Invalid = Invalid::new(
        "store hosts",
        "a comma list of hosts such as shop.example or *.shops.example",
    );

    /// Reads a comma list of `host` and `*.host`; an empty one believes nobody. A host has a dot at least:
    /// `*.br` would believe a whole country.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(StoreHost::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is believed: at one of these hosts, on the usual port.
    #[must_use]
    pub fn admit(&self, url: &StoreUrl) -> bool {
        let Some(host) = url.usual_host() else { return false };
        self.0.iter().any(|believed| match believed {
            StoreHost::Exactly(name) => host == name,
            StoreHost::Below(name) => host
                .strip_suffix(name.as_str())
                .is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        })
    }
}

impl StoreHost {
    fn parse(entry: &str) -> Result<Self, Invalid> {
        let (name, of): (&str, fn(String) -> Self) = match entry.strip_prefix("*.") {
            Some(name) => (name, Self::Below),
            None => (entry, Self::Exactly),
        };
        // As an address has it: in lower case, in Punycode.
        let url = StoreUrl::parse(&format!("https://{name}")).map_err(|_| StoreHosts::WHAT)?;
        let host = url
            .usual_host()
            .filter(|host| url.is_front_page() && host.contains('.') && !host.contains('*'));
        host.map(|host| of(host.to_owned())).ok_or(StoreHosts::WHAT)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn admits(hosts: &str, url: &str) -> bool {
        StoreHosts::parse(hosts).unwrap().admit(&StoreUrl::parse(url).unwrap())
    }

    #[test]
    fn a_host_below_a_believed_one_is_believed() {
        let hosts = "*.myvtex.com, *.Vtexcommercestable.com.br,shop.example";
        for url in [
            "https://acme.myvtex.com",
            "https://acme.myvtex.com:443/loja/",
            "https://ACME.MYVTEX.COM",
            "https://a.b.myvtex.com",
            "https://acme.vtexcommercestable.com.br",
            "https://shop.example",
        ] {
            assert!(admits(hosts, url), "{url}");
        }
        for url in [
            "https://myvtex.com",
            "https://evilmyvtex.com",
            "https://myvtex.com.evil.example",
            "https://acme.myvtex.com.",
            "https://acme.myvtex.com:8443",
            "https://www.shop.example",
            "https://example",
            "https://192.0.2.1",
            "https://[::1]",
        ] {
            assert!(!admits(hosts, url), "{url}");
        }
        assert!(!admits("", "https://acme.myvtex.com"));
    }

    #[test]
    fn what_is_no_list_of_hosts_is_refused() {
        for hosts in [
            "*",
            "*.br",
            "br",
            "https://shop.example",
            "shop.example/a",
            "a b",
            "*.*.example",
            "shop.example:8443",
            "192.0.2.1",
            "*shop.example",
            "shop.example?x",
        ] {
            assert!(StoreHosts::parse(hosts).is_err(), "{hosts}");
        }
        assert_eq!(StoreHosts::parse(" , "), Ok(StoreHosts::default()));
    }
}
