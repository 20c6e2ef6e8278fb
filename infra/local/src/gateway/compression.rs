//! What the distribution does to answers on their way: it compresses those that a browser takes compressed.

use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate as _, SizeAbove};

/// What `CloudFront` sends as it is, since a smaller answer fits into one packet anyway.
pub(crate) const MIN_COMPRESSED_BYTES: u16 = 1_000;

type Worthwhile = And<And<SizeAbove, NotForContentType>, NotForContentType>;

/// Compresses answers for whoever takes gzip, but for small ones and for what is compressed already: pictures and
/// fonts. Quick rather than small: the way from here is short.
pub(super) fn layer() -> CompressionLayer<Worthwhile> {
    let worthwhile = SizeAbove::new(MIN_COMPRESSED_BYTES)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worthwhile)
}
