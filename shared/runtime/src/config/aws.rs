//! How every AWS client of the system is configured.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// A connection within a region takes a few milliseconds; one that takes this long won't come.
const CONNECT: Duration = Duration::from_secs(1);
/// One attempt: longer than the slowest sound answer, short enough for another attempt.
const ATTEMPT: Duration = Duration::from_secs(3);
/// A whole call with its retries: ends before API Gateway gives up on the function (30 s).
const OPERATION: Duration = Duration::from_secs(10);

/// The configuration that clients are built from in a Lambda: credentials and region from its
/// environment, one behaviour version so that an update can't change retries silently.
///
/// The timeouts are made for small requests: a client that moves large bodies sets its own.
pub async fn sdk_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build(),
        )
        .load()
        .await
}
