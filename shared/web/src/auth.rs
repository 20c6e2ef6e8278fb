//! Who calls: the claims of the token that API Gateway's authorizer has checked.
//!
//! The authorizer judges signature, issuer, audience and expiry. What the token may do, and for
//! which account, is judged here.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::request::RequestContext;

use crate::problem::Problem;
use domain::values::account::Account;
use runtime::config::Settings;

/// Lets a token read.
pub const SCOPE_READ: &str = "admin:read";
/// Lets a token change things. It doesn't imply [`SCOPE_READ`].
pub const SCOPE_WRITE: &str = "admin:write";

/// What the identity provider calls the claims that we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// Names the account.
    pub account: String,
    /// Lists the scopes.
    pub scope: String,
}

impl ClaimNames {
    /// Those that settings name: `ACCOUNT_CLAIM`, else `account`; `SCOPE_CLAIM`, else `scope`.
    #[must_use]
    pub fn from_settings(settings: &Settings<'_>) -> Self {
        let named = |name, default: &str| settings.optional(name).unwrap_or_else(|| default.into());
        Self { account: named("ACCOUNT_CLAIM", "account"), scope: named("SCOPE_CLAIM", "scope") }
    }

    /// Those of this process's environment, read once.
    #[must_use]
    pub fn of_this_process() -> &'static Self {
        static NAMES: OnceLock<ClaimNames> = OnceLock::new();
        NAMES.get_or_init(|| Self::from_settings(&Settings::environment()))
    }
}

/// The caller: an account's token, and whom it was given to. `Debug` leaves out the subject, which
/// can be an e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account that the token is for; nothing crosses it.
    pub account: Account,
    /// Who holds the token; kept with each change of a campaign (R11).
    pub subject: String,
    /// What the token may do, without what a provider puts before it (`campaigns/`).
    pub scopes: BTreeSet<String>,
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("account", &self.account)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// A caller that may read (`admin:read`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader(pub Principal);

/// A caller that may change things (`admin:write`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer(pub Principal);

impl Principal {
    /// The caller that checked `claims` name.
    ///
    /// 403 `invalid-account` when the account's claim is missing or no account's name, 401 when no
    /// `sub` says who calls.
    pub fn from_claims(
        names: &ClaimNames,
        claims: &HashMap<String, String>,
    ) -> Result<Self, Problem> {
        let subject = claims.get("sub").filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(Problem::missing_token)?.clone();
        let account = claims
            .get(&names.account)
            .and_then(|text| Account::parse(text).ok())
            .ok_or_else(|| Problem::forbidden("invalid-account", "the token names no account"))?;
        // Some providers list scopes as an array, which API Gateway writes as `[a b]`.
        let scopes = claims.get(&names.scope).map_or_else(BTreeSet::new, |text| {
            let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
            text.split_ascii_whitespace().map(bare_scope).map(str::to_owned).collect()
        });
        Ok(Self { account, subject, scopes })
    }

    /// 403 `insufficient-scope` unless the token has `scope`.
    pub fn require(&self, scope: &str) -> Result<(), Problem> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Problem::insufficient_scope(scope)) }
    }

    fn from_parts(parts: &Parts) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get() else {
            return Err(Problem::missing_token());
        };
        let jwt = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
        // Not the authorizer's `scopes`: it fills them only for routes that name scopes, else null.
        let claims = &jwt.ok_or_else(Problem::missing_token)?.claims;
        Self::from_claims(ClaimNames::of_this_process(), claims)
    }
}

/// A scope without the name of its resource server, which some providers put before it: an address
/// (`https://api.example/admin:read`), or a word (`campaigns/admin:read`, Cognito's form). No scope of ours
/// has a slash, and whose token it is, the authorizer has judged by its audience.
fn bare_scope(scope: &str) -> &str {
    scope.rsplit_once('/').map_or(scope, |(_, bare)| bare)
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::from_parts(parts)
    }
}

macro_rules! scoped {
    ($($caller:ident: $scope:expr,)*) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $caller {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                let principal = Principal::from_parts(parts)?;
                principal.require($scope)?;
                Ok(Self(principal))
            }
        }

        impl Deref for $caller {
            type Target = Principal;

            fn deref(&self) -> &Principal {
                &self.0
            }
        }
    )*};
}

scoped! {
    Reader: SCOPE_READ,
    Writer: SCOPE_WRITE,
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]

    use serde_json::{Value, json};

    use super::*;

    /// The request parts that an API Gateway event with this authorizer becomes.
    fn parts(authorizer: &Value) -> Parts {
        let context = json!({
            "http": {"method": "GET", "path": "/metrics"},
            "requestId": "req-1",
            "authorizer": authorizer,
        });
        let context = serde_json::from_value(context).unwrap();
        let mut request = http::Request::new(());
        request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        request.into_parts().0
    }

    fn claims(claims: &Value) -> Parts {
        parts(&json!({"jwt": {"claims": claims, "scopes": null}}))
    }

    async fn read(mut parts: Parts) -> Result<Reader, (u16, &'static str)> {
        Reader::from_request_parts(&mut parts, &()).await.map_err(|problem| told(&problem))
    }

    async fn write(mut parts: Parts) -> Result<Writer, (u16, &'static str)> {
        Writer::from_request_parts(&mut parts, &()).await.map_err(|problem| told(&problem))
    }

    fn told(problem: &Problem) -> (u16, &'static str) {
        (problem.status().as_u16(), problem.code())
    }

    #[tokio::test]
    async fn a_token_is_for_one_account() {
        let both = json!({"account": "acme", "sub": "ana@acme.example", "scope": "openid admin:read  admin:write"});
        let reader = read(claims(&both)).await.unwrap();
        assert_eq!(reader.account.as_str(), "acme");
        assert_eq!(reader.subject, "ana@acme.example");
        assert!(write(claims(&both)).await.is_ok());
        assert!(!format!("{reader:?}").contains("ana"));
    }

    #[tokio::test]
    async fn a_scope_allows_its_own_and_nothing_else() {
        let only = |scope: &str| claims(&json!({"account": "acme", "sub": "ana", "scope": scope}));
        let refused = (403, "insufficient-scope");
        assert!(read(only("admin:read")).await.is_ok());
        assert_eq!(write(only("admin:read")).await.unwrap_err(), refused);
        assert_eq!(read(only("admin:write")).await.unwrap_err(), refused);
        assert!(write(only("admin:write")).await.is_ok());
        assert_eq!(read(only("xadmin:read")).await.unwrap_err(), refused);
        assert_eq!(read(only("")).await.unwrap_err(), refused);
        let none = claims(&json!({"account": "acme", "sub": "ana"}));
        assert_eq!(read(none).await.unwrap_err(), refused);
    }

    #[tokio::test]
    async fn a_scope_may_name_its_resource_server() {
        let only = |scope: &str| claims(&json!({"account": "acme", "sub": "ana", "scope": scope}));
        for read_scope in [
            "https://api.example/admin:read",
            "campaigns/admin:read",
            "[openid campaigns/admin:read]",
            "https://api.example/v1/admin:read",
        ] {
            assert!(read(only(read_scope)).await.is_ok(), "{read_scope}");
            assert!(write(only(read_scope)).await.is_err(), "{read_scope}");
        }
        let refused = (403, "insufficient-scope");
        for strange in
            ["admin:read/", "campaigns/xadmin:read", "admin:read/x", "https://api.example/admin"]
        {
            assert_eq!(read(only(strange)).await.unwrap_err(), refused, "{strange}");
        }
    }

    #[test]
    fn a_provider_may_call_claims_otherwise_and_list_scopes() {
        let names = ClaimNames::from_settings(&Settings::of(&[
            ("ACCOUNT_CLAIM", "custom:account"),
            ("SCOPE_CLAIM", "scp"),
        ]));
        let claims = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let given = claims(&[
            ("sub", "ana"),
            ("custom:account", "acme"),
            ("account", "other"),
            ("scp", "[openid admin:read]"),
            ("scope", "admin:write"),
        ]);
        let principal = Principal::from_claims(&names, &given).unwrap();
        assert_eq!(principal.account.as_str(), "acme");
        assert!(principal.require(SCOPE_READ).is_ok());
        assert!(
            principal.require(SCOPE_WRITE).is_err(),
            "the claim of the default name is not read"
        );
        let usual = ClaimNames::from_settings(&Settings::of(&[]));
        let principal = Principal::from_claims(&usual, &given).unwrap();
        assert_eq!(principal.account.as_str(), "other");
        assert!(principal.require(SCOPE_WRITE).is_ok());
    }

    #[tokio::test]
    async fn without_checked_claims_nobody_is_known() {
        let unknown = (401, "missing-token");
        let bare = http::Request::new(()).into_parts().0;
        assert_eq!(read(bare).await.unwrap_err(), unknown);
        for authorizer in
            [json!(null), json!({}), json!({"jwt": {}}), json!({"jwt": {"claims": null}})]
        {
            assert_eq!(read(parts(&authorizer)).await.unwrap_err(), unknown, "{authorizer}");
        }
        let nobody = claims(&json!({"account": "acme", "scope": "admin:read"}));
        assert_eq!(read(nobody).await.unwrap_err(), unknown);
    }

    #[tokio::test]
    async fn a_bad_account_is_refused() {
        for account in ["", "ACME", "a#b", &"a".repeat(51)] {
            let parts = claims(&json!({"account": account, "sub": "ana", "scope": "admin:read"}));
            assert_eq!(read(parts).await.unwrap_err(), (403, "invalid-account"), "{account}");
        }
        let none = claims(&json!({"sub": "ana", "scope": "admin:read"}));
        assert_eq!(read(none).await.unwrap_err(), (403, "invalid-account"));
    }
}
