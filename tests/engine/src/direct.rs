//! The engine without a socket: the SDK's requests are handed to it within the process, one
//! after another. With a single-threaded runtime every run of a test takes the same turns.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::operation;

/// An HTTP client of the SDK that asks `database` itself.
pub(crate) fn http_client(database: Database) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Direct(database));
    http_client_fn(move |_, _| connector.clone())
}

struct Direct(Database);

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Direct")
    }
}

impl HttpConnector for Direct {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.0.clone();
        HttpConnectorFuture::new(async move {
            // Others get their turn between any two calls, as on a network.
            tokio::task::yield_now().await;
            let answer = ask(&database, &operation(&request), request.body().bytes());
            let (status, body) = match answer {
                Ok(body) => (200, body),
                Err(error) => (error.status_code(), error.to_json()),
            };
            let status = status.try_into().map_err(|error| {
                ConnectorError::other(format!("not a status: {error}").into(), None)
            })?;
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

fn ask(database: &Database, operation: &str, body: Option<&[u8]>) -> Result<String, DynoxideError> {
    let body = body.unwrap_or_default();
    match operation {
        "CreateTable" => run(body, |request| database.create_table(request)),
        "DescribeTable" => run(body, |request| database.describe_table(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "Scan" => run(body, |request| database.scan(request)),
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
        other => Err(DynoxideError::ValidationException(format!("{other} is not wired here"))),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    call: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let refused = |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let answer = call(serde_json::from_slice(body).map_err(refused)?)?;
    serde_json::to_string(&answer).map_err(refused)
}
