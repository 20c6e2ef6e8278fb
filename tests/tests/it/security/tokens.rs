//! Tokens of every kind, made with the stack's own key or with another.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use local::{AUDIENCE, ISSUER};
use serde_json::{Value, json};

use crate::stack::Running;

/// Makes tokens with the stack's own key, or with another.
pub(super) struct Forge {
    key: KeyPair,
}

impl Forge {
    pub(super) fn of(running: &Running) -> Self {
        let der = std::fs::read(running.data().join("token-key.der")).unwrap();
        Self { key: KeyPair::from_pkcs8(&der).unwrap() }
    }

    fn stranger() -> Self {
        Self { key: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    pub(super) fn rsa(&self, algorithm: &str, claims: &Value) -> String {
        let padding = if algorithm == "RS512" { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
        let message = message(algorithm, claims);
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key.sign(padding, &random, message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn message(algorithm: &str, claims: &Value) -> String {
    let header = json!({"alg": algorithm, "typ": "JWT"}).to_string();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn hs256(key: &[u8], claims: &Value) -> String {
    let message = message("HS256", claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Sound claims with some of them changed; `null` takes one away.
pub(super) fn claims(account: &str, changes: &Value) -> Value {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "iat": now, "exp": now + 600,
        "account": account, "scope": "admin:read admin:write"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

/// Tokens that the gateway is to refuse, each with what is wrong with it.
pub(super) fn refused_tokens(forge: &Forge, account: &str) -> Vec<(&'static str, String)> {
    let now = chrono::Utc::now().timestamp();
    let sound = claims(account, &json!({}));
    let public = forge.key.public_key();
    let spki: PublicKeyX509Der<'_> = public.as_der().unwrap();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(spki.as_ref())
    );
    let good = forge.rsa("RS256", &sound);
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let mut refused = vec![
        ("wrong key", Forge::stranger().rsa("RS256", &sound)),
        ("alg none", format!("{}.", message("none", &sound))),
        ("alg none, signed", format!("{}.{signature}", message("none", &sound))),
        ("HS256 by the public key", hs256(public.as_ref(), &sound)),
        ("HS256 by the public key as SPKI", hs256(spki.as_ref(), &sound)),
        ("HS256 by the public key as PEM", hs256(pem.as_bytes(), &sound)),
        ("another algorithm of the same key", forge.rsa("RS512", &sound)),
        ("no signature", format!("{unsigned}.")),
        ("other claims under the signature", {
            let (header, _) = unsigned.split_once('.').unwrap();
            let other = claims("south", &json!({})).to_string();
            format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(other))
        }),
        ("no token at all", "x".to_owned()),
    ];
    for (name, changes) in [
        ("expired", json!({"exp": now - 1})),
        ("no expiry", json!({"exp": null})),
        ("not valid yet", json!({"nbf": now + 600})),
        ("wrong audience", json!({"aud": "another-api"})),
        ("no audience", json!({"aud": null})),
        ("another client", json!({"aud": null, "client_id": "another-page"})),
        ("our client, another audience", json!({"aud": "another-api", "client_id": AUDIENCE})),
        ("wrong issuer", json!({"iss": "https://evil.invalid/"})),
        ("issuer with another end", json!({"iss": ISSUER.trim_end_matches('/')})),
        ("no issuer", json!({"iss": null})),
    ] {
        refused.push((name, forge.rsa("RS256", &claims(account, &changes))));
    }
    refused
}
