//! Randomness that a test can choose.

use std::fmt;
use std::sync::Arc;

use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::web::Problem;
use shared::web::signature::SigningSecret;

type Fill = dyn Fn(&mut [u8]) -> Result<(), String> + Send + Sync;

/// Where random bytes come from. Cheap to clone; clones share the source.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// The system's.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|bytes| getrandom::fill(bytes).map_err(|error| error.to_string())))
    }

    /// Bytes that `fill` writes, for tests.
    #[must_use]
    pub fn from_fn(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |bytes| {
            fill(bytes);
            Ok(())
        }))
    }

    fn bytes<const N: usize>(&self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)
            .map_err(|error| Problem::unavailable(format!("no randomness: {error}")))?;
        Ok(bytes)
    }

    /// A new campaign's id: a UUID of version 7, so that ids sort as campaigns were made.
    pub(crate) fn campaign_id(&self, now: Instant) -> Result<CampaignId, Problem> {
        let millis = u64::try_from(now.millis()).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()?).into_uuid();
        CampaignId::parse(&id.simple().to_string()).map_err(Problem::internal)
    }

    /// A new signing secret.
    pub(crate) fn signing_secret(&self) -> Result<SigningSecret, Problem> {
        self.bytes().map(SigningSecret::from_bytes)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(…)")
    }
}
