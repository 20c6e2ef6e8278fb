//! A file on its way into the bucket: in one piece when it is small, else in parts.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use shared::domain::reports::row::ReportFormat;

use super::BuildError;

/// The least that S3 takes as a part that isn't the last. Its 10,000 parts are 50 GB.
pub(super) const PART_BYTES: usize = 5 * 1024 * 1024;

/// An upload. Ends by [`Upload::finish`] or [`Upload::abort`]; after a crash the bucket's
/// lifecycle rule removes the parts.
pub(super) struct Upload<'a> {
    s3: &'a Client,
    bucket: &'a str,
    key: &'a str,
    media_type: &'static str,
    disposition: String,
    started: Option<Started>,
    bytes: u64,
}

/// An upload in parts.
struct Started {
    id: String,
    parts: Vec<CompletedPart>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(
        s3: &'a Client,
        bucket: &'a str,
        key: &'a str,
        file_name: &str,
        format: ReportFormat,
    ) -> Self {
        let disposition = format!("attachment; filename=\"{file_name}\"");
        let media_type = format.media_type();
        Self { s3, bucket, key, media_type, disposition, started: None, bytes: 0 }
    }

    /// Stores a part.
    pub(super) async fn part(&mut self, body: Vec<u8>) -> Result<(), BuildError> {
        const OPERATION: &str = "UploadPart";
        let size = body.len() as u64;
        let mut started = match self.started.take() {
            Some(started) => started,
            None => self.start().await?,
        };
        let number = i32::try_from(started.parts.len() + 1).unwrap_or(i32::MAX);
        let sent = self
            .s3
            .upload_part()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(&started.id)
            .part_number(number)
            .body(ByteStream::from(body))
            .send()
            .await;
        let sent = sent.map(|output| {
            // The answer's checksums must be repeated when the upload is completed.
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(output.e_tag)
                .set_checksum_crc32(output.checksum_crc32)
                .build()
        });
        let outcome = match sent {
            Ok(part) => {
                started.parts.push(part);
                self.bytes += size;
                Ok(())
            }
            Err(error) => Err(storage(OPERATION, error)),
        };
        // Kept also after a failure: there is something to abort.
        self.started = Some(started);
        outcome
    }

    async fn start(&self) -> Result<Started, BuildError> {
        const OPERATION: &str = "CreateMultipartUpload";
        let output = self
            .s3
            .create_multipart_upload()
            .bucket(self.bucket)
            .key(self.key)
            .content_type(self.media_type)
            .content_disposition(&self.disposition)
            .send()
            .await
            .map_err(|error| storage(OPERATION, error))?;
        let id = output.upload_id.ok_or_else(|| storage(OPERATION, "the answer has no id"))?;
        Ok(Started { id, parts: Vec::new() })
    }

    /// Stores the rest, and tells the size of the whole.
    pub(super) async fn finish(mut self, rest: Vec<u8>) -> Result<u64, BuildError> {
        if self.started.is_none() {
            let size = rest.len() as u64;
            return self.put(rest).await.map(|()| size);
        }
        match self.complete(rest).await {
            Ok(()) => Ok(self.bytes),
            Err(error) => {
                self.abort().await;
                Err(error)
            }
        }
    }

    async fn put(&self, body: Vec<u8>) -> Result<(), BuildError> {
        self.s3
            .put_object()
            .bucket(self.bucket)
            .key(self.key)
            .content_type(self.media_type)
            .content_disposition(&self.disposition)
            .body(ByteStream::from(body))
            .send()
            .await
            .map(drop)
            .map_err(|error| storage("PutObject", error))
    }

    async fn complete(&mut self, rest: Vec<u8>) -> Result<(), BuildError> {
        if !rest.is_empty() {
            self.part(rest).await?;
        }
        let Some(started) = &self.started else { return Ok(()) };
        let parts =
            CompletedMultipartUpload::builder().set_parts(Some(started.parts.clone())).build();
        self.s3
            .complete_multipart_upload()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(&started.id)
            .multipart_upload(parts)
            .send()
            .await
            .map(drop)
            .map_err(|error| storage("CompleteMultipartUpload", error))
    }

    /// Removes the parts. A failure is only logged: the lifecycle rule removes them later.
    pub(super) async fn abort(self) {
        let Some(started) = &self.started else { return };
        let aborted = self
            .s3
            .abort_multipart_upload()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(&started.id)
            .send()
            .await;
        if let Err(error) = aborted {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "an upload could not be aborted");
        }
    }
}

fn storage(
    operation: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> BuildError {
    BuildError::Storage { operation, source: source.into() }
}
