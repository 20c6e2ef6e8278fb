//! Calls a function's router as Lambda does, without a network.

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerJwtDescription,
    ApiGatewayV2httpRequestContext,
};
use lambda_http::request::RequestContext;
use tower::ServiceExt as _;

/// Sends a request with the claims of an Admin of `account`; the body of a success.
pub(crate) async fn call(
    router: &Router,
    account: &str,
    mut request: Request<Body>,
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut jwt = ApiGatewayRequestAuthorizerJwtDescription::default();
    for (name, value) in
        [("account", account), ("sub", "bench"), ("scope", "admin:read admin:write")]
    {
        jwt.claims.insert(name.to_owned(), value.to_owned());
    }
    let mut authorizer = ApiGatewayRequestAuthorizer::default();
    authorizer.jwt = Some(jwt);
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.authorizer = Some(authorizer);
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    let answer = router.clone().oneshot(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    if status.is_success() {
        Ok(body.to_vec())
    } else {
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
    }
}
