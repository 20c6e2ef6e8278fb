//! How every AWS client of the system is configured.

use std::time::Duration;

use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider,
};
use aws_types::SdkConfig;

use super::{ConfigError, Settings};

/// A connection within a region takes a few milliseconds; one that takes this long won't come.
const CONNECT: Duration = Duration::from_secs(1);
/// One attempt: longer than the slowest sound answer, short enough for another attempt.
const ATTEMPT: Duration = Duration::from_secs(3);
/// A whole call with its retries: ends before API Gateway gives up on the function (30 s).
const OPERATION: Duration = Duration::from_secs(10);

/// The configuration that clients are built from. Region and credentials are the ones that Lambda
/// sets in a function's environment; `AWS_ENDPOINT_URL`, where it is set, stands in for every service.
///
/// It names one behaviour version, so that an update of the SDK can't change retries silently. The
/// timeouts are made for small requests: a client that moves large bodies sets its own.
pub fn sdk_config(settings: &Settings<'_>) -> Result<SdkConfig, ConfigError> {
    let credentials = Credentials::new(
        settings.required("AWS_ACCESS_KEY_ID")?,
        settings.required("AWS_SECRET_ACCESS_KEY")?,
        settings.optional("AWS_SESSION_TOKEN"),
        // Lambda replaces an instance before its credentials expire.
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts);
    config.set_endpoint_url(settings.optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use aws_sdk_secretsmanager::config::ProvideCredentials as _;

    use super::*;

    const LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "sa-east-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "token"),
    ];

    #[tokio::test]
    async fn region_and_credentials_come_from_the_environment() {
        let config = sdk_config(&Settings::of(&LAMBDA)).unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "sa-east-1");
        assert_eq!(config.endpoint_url(), None);
        let given = config.credentials_provider().unwrap().provide_credentials().await.unwrap();
        assert_eq!(given.access_key_id(), "key");
        assert_eq!(given.secret_access_key(), "hunter2");
        assert_eq!(given.session_token(), Some("token"));
        assert_eq!(given.expiry(), None);
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn one_address_may_stand_in_for_every_service() {
        let settings = [LAMBDA.as_slice(), &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]].concat();
        let config = sdk_config(&Settings::of(&settings)).unwrap();
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let left: Vec<_> = LAMBDA.into_iter().filter(|(key, _)| *key != name).collect();
            let error = sdk_config(&Settings::of(&left)).unwrap_err();
            assert_eq!(error, ConfigError::Missing { name });
        }
    }
}
