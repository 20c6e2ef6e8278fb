//! S3 over a directory.

use std::path::Path;

use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;

use super::{ACCESS_KEY, AwsError, SECRET_KEY};
use crate::serve::{Server, loopback, serve};

/// Serves the buckets in `root`. With authentication, so that presigned links are judged and expire.
pub(super) async fn start(root: &Path) -> Result<Server, AwsError> {
    std::fs::create_dir_all(root).map_err(AwsError::Directory)?;
    let files = FileSystem::new(root).map_err(|error| AwsError::S3(format!("{error:?}")))?;
    let mut service = S3ServiceBuilder::new(files);
    service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let listener = loopback().await.map_err(AwsError::Listen)?;
    serve(listener, service.build()).map_err(AwsError::Listen)
}
