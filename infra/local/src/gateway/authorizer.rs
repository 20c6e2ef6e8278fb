//! The gateway's JWT authorizer, and the issuer of the tokens that it accepts. The key is made for each data
//! directory, so that no token of one machine opens another.

use std::{collections::BTreeMap, path::Path};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};
use shared::web::auth::ClaimNames;

/// Claims as API Gateway hands them over: every value a text.
pub(super) type Claims = BTreeMap<String, String>;

/// Who issues the local tokens.
pub const ISSUER: &str = "https://local.invalid/";
/// For whom.
pub const AUDIENCE: &str = "campaigns-admin";
/// A working day and a bit, so that a token taken in the morning lasts.
const LIFETIME_SECS: i64 = 12 * 3_600;

/// Why there is no authorizer.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizerError {
    /// The key file can't be read or written.
    #[error("can't keep the token key")]
    File(#[source] std::io::Error),
    /// The key file holds no key, or none can be made.
    #[error("the token key is unusable: {0}")]
    Key(String),
}

/// Judges and issues tokens.
pub(crate) struct Authorizer {
    signing: KeyPair,
    verifying: DecodingKey,
    validation: Validation,
}

impl Authorizer {
    /// Takes the key in `file`, or makes one there.
    pub(crate) fn open(file: &Path) -> Result<Self, AuthorizerError> {
        let signing = match std::fs::read(file) {
            Ok(der) => KeyPair::from_pkcs8(&der)
                .map_err(|error| AuthorizerError::Key(error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(file)?,
            Err(error) => return Err(AuthorizerError::File(error)),
        };
        let verifying = DecodingKey::from_rsa_der(signing.public_key().as_ref());
        // One algorithm: a token that names another one, or none, is judged by no key at all.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        // Judged below: the gateway takes another claim, too.
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "iss"]);
        Ok(Self { signing, verifying, validation })
    }

    /// The claims of the token in an `Authorization` header; none when it is missing or not to be trusted.
    pub(super) fn judge(&self, authorization: Option<&str>) -> Option<Claims> {
        let authorization = authorization?;
        let token = authorization.strip_prefix("Bearer ").unwrap_or(authorization);
        match jsonwebtoken::decode::<Map<String, Value>>(token, &self.verifying, &self.validation) {
            Ok(token) if is_for_us(&token.claims) => {
                Some(token.claims.iter().map(|(name, value)| (name.clone(), text(value))).collect())
            }
            Ok(_) => {
                tracing::debug!("a token was refused: it is for another audience");
                None
            }
            Err(error) => {
                tracing::debug!(%error, "a token was refused");
                None
            }
        }
    }

    /// A token of 12 h for an account.
    pub(crate) fn issue(&self, account: &str, scope: &str) -> Result<String, AuthorizerError> {
        let now = Utc::now().timestamp();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "local-user",
            "iat": now, "exp": now + LIFETIME_SECS,
        });
        if let Some(claims) = claims.as_object_mut() {
            // The functions look for them under the names that the environment gives.
            let names = ClaimNames::of_this_process();
            claims.insert(names.account.clone(), account.into());
            claims.insert(names.scope.clone(), scope.into());
        }
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> Result<String, AuthorizerError> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|error| AuthorizerError::Key(error.to_string()))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// API Gateway's rule: `aud` names the audience; only where a token has none, `client_id` does (Cognito's access
/// tokens).
fn is_for_us(claims: &Map<String, Value>) -> bool {
    match claims.get("aud").or_else(|| claims.get("client_id")) {
        Some(Value::String(audience)) => audience == AUDIENCE,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == AUDIENCE),
        _ => false,
    }
}

fn make_key(file: &Path) -> Result<KeyPair, AuthorizerError> {
    let unusable = |error: aws_lc_rs::error::Unspecified| AuthorizerError::Key(error.to_string());
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(unusable)?;
    let der = key.as_der().map_err(unusable)?;
    std::fs::write(file, der.as_ref()).map_err(AuthorizerError::File)?;
    Ok(key)
}

/// API Gateway writes lists as `[a b]` and everything else as it stands in the token.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn authorizer() -> (tempfile::TempDir, Authorizer) {
        let directory = tempfile::tempdir().unwrap();
        let authorizer = Authorizer::open(&directory.path().join("key.der")).unwrap();
        (directory, authorizer)
    }

    fn claims() -> Value {
        let now = Utc::now().timestamp();
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "account": "store", "exp": now + 60, "roles": ["a", "b"]})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_good_token_gives_its_claims_as_texts() {
        let (_directory, authorizer) = authorizer();
        let token = authorizer.sign(&claims()).unwrap();
        let judged = authorizer.judge(Some(&format!("Bearer {token}"))).unwrap();
        assert_eq!(judged["account"], "store");
        assert_eq!(judged["roles"], "[a b]");
        assert_eq!(judged["exp"], claims()["exp"].to_string());
        assert!(
            authorizer.judge(Some(&token)).is_some(),
            "the prefix is optional, as at the gateway"
        );
    }

    #[test]
    fn issued_tokens_are_accepted_and_last_twelve_hours() {
        let (_directory, authorizer) = authorizer();
        let token = authorizer.issue("store", "admin:read").unwrap();
        let judged = authorizer.judge(Some(&token)).unwrap();
        let (from, to): (i64, i64) =
            (judged["iat"].parse().unwrap(), judged["exp"].parse().unwrap());
        assert_eq!(to - from, 12 * 3_600);
        assert_eq!(judged["scope"], "admin:read");
    }

    #[test]
    fn a_client_stands_for_an_audience_where_there_is_none() {
        let (_directory, authorizer) = authorizer();
        let judged = |aud: Value, client_id: Value| {
            let mut claims = claims();
            claims["aud"] = aud;
            claims["client_id"] = client_id;
            claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            authorizer.judge(Some(&authorizer.sign(&claims).unwrap())).is_some()
        };
        assert!(judged(json!(null), json!(AUDIENCE)));
        assert!(judged(json!(["others", AUDIENCE]), json!(null)));
        assert!(judged(json!(AUDIENCE), json!("others")));
        assert!(!judged(json!("others"), json!(AUDIENCE)), "an audience goes before a client");
        assert!(!judged(json!(["others"]), json!(AUDIENCE)));
        assert!(!judged(json!(null), json!("others")));
        assert!(!judged(json!(null), json!(null)));
    }

    #[test]
    fn a_key_outlives_a_restart() {
        let (directory, authorizer) = authorizer();
        let token = authorizer.issue("store", "admin:read").unwrap();
        let again = Authorizer::open(&directory.path().join("key.der")).unwrap();
        assert!(again.judge(Some(&token)).is_some());
    }

    #[test]
    fn untrustworthy_tokens_are_refused() {
        let (_directory, authorizer) = authorizer();
        let (_other_directory, stranger) = self::authorizer();
        let now = Utc::now().timestamp();
        let good = authorizer.sign(&claims()).unwrap();
        let mut missing_expiry = claims();
        missing_expiry.as_object_mut().unwrap().remove("exp");
        let unsigned = {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
            format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims().to_string()))
        };
        // The public key as an HMAC secret: the classic confusion of algorithms.
        let confused = {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
            let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims().to_string()));
            let key = aws_lc_rs::hmac::Key::new(
                aws_lc_rs::hmac::HMAC_SHA256,
                authorizer.signing.public_key().as_ref(),
            );
            let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
        };
        for (what, token) in [
            ("expired", authorizer.sign(&with("exp", json!(now - 1))).unwrap()),
            ("not yet valid", authorizer.sign(&with("nbf", json!(now + 60))).unwrap()),
            ("without expiry", authorizer.sign(&missing_expiry).unwrap()),
            ("wrong audience", authorizer.sign(&with("aud", json!("others"))).unwrap()),
            ("wrong issuer", authorizer.sign(&with("iss", json!("https://others/"))).unwrap()),
            ("wrong key", stranger.sign(&claims()).unwrap()),
            ("alg none", unsigned),
            ("alg HS256", confused),
            ("cut short", good[..good.len() - 4].to_owned()),
            ("nonsense", "nonsense".to_owned()),
        ] {
            assert!(authorizer.judge(Some(&token)).is_none(), "{what}");
        }
        assert!(authorizer.judge(None).is_none());
        assert!(authorizer.judge(Some(&format!("Basic {good}"))).is_none());
    }
}
