//! Clients of the services that move a whole report at once.

use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_types::SdkConfig;

/// One attempt: a part of 5 MiB, or a mail of 10 MB, over a slow connection.
const ATTEMPT: Duration = Duration::from_mins(1);
/// A whole call with its retries; several of them fit into the worker's 15 minutes.
const OPERATION: Duration = Duration::from_mins(3);

fn timeouts(config: &SdkConfig) -> TimeoutConfig {
    let large = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    match config.timeout_config() {
        Some(small) => large.into_builder().take_unset_from(small.to_builder()).build(),
        None => large,
    }
}

/// S3 for files of any size.
pub(crate) fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).timeout_config(timeouts(config));
    aws_sdk_s3::Client::from_conf(config.build())
}

/// SES for mails with attachments.
pub(crate) fn ses(config: &SdkConfig) -> aws_sdk_ses::Client {
    let config = aws_sdk_ses::config::Builder::from(config).timeout_config(timeouts(config));
    aws_sdk_ses::Client::from_conf(config.build())
}
