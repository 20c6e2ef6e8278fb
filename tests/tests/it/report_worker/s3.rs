//! S3 over a directory, which notes its calls and fails at will.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const BUCKET: &str = "reports";

#[derive(Default)]
struct State {
    calls: Vec<String>,
    /// The call that fails, and how many of its kind go well before.
    failing: Option<(&'static str, usize)>,
}

#[derive(Clone)]
pub(crate) struct S3 {
    pub(crate) client: Client,
    state: Arc<Mutex<State>>,
    _directory: Arc<TempDir>,
}

impl S3 {
    pub(crate) async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(directory.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("test", "secret"));
        let service = service.build();
        let state = Arc::new(Mutex::new(State::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let noted = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let (service, noted) = (service.clone(), Arc::clone(&noted));
                let answer = service_fn(move |request: Request<Incoming>| {
                    let fails = judge(&noted, &request);
                    let answer = Service::call(&service, request);
                    async move {
                        if fails {
                            let body = "<Error><Code>InternalError</Code></Error>".to_owned();
                            let refusal =
                                Response::builder().status(500).body(body.into()).unwrap();
                            return Ok::<_, Infallible>(refusal);
                        }
                        Ok(answer.await.unwrap())
                    }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
                tokio::spawn(connection);
            }
        });
        let client = client(&endpoint);
        client.create_bucket().bucket(BUCKET).send().await.unwrap();
        let s3 = Self { client, state, _directory: Arc::new(directory) };
        s3.forget();
        s3
    }

    /// Makes calls of this kind fail after `well` of them went well.
    pub(crate) fn fail(&self, operation: &'static str, well: usize) {
        self.state.lock().unwrap().failing = Some((operation, well));
    }

    /// Makes everything go well again.
    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().failing = None;
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.clone()
    }

    pub(crate) fn forget(&self) {
        self.state.lock().unwrap().calls.clear();
    }

    /// All keys.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let listed = self.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    pub(crate) async fn read(&self, key: &str) -> Vec<u8> {
        let stored = self.client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        stored.body.collect().await.unwrap().to_vec()
    }
}

fn judge(state: &Mutex<State>, request: &Request<Incoming>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let operation = match *request.method() {
        Method::PUT if query.contains("uploadId=") => "UploadPart",
        Method::PUT => "PutObject",
        Method::POST if query.contains("uploadId=") => "CompleteMultipartUpload",
        Method::POST => "CreateMultipartUpload",
        Method::DELETE => "AbortMultipartUpload",
        Method::GET if query.contains("list-type") => "ListObjects",
        _ => "GetObject",
    };
    let mut state = state.lock().unwrap();
    let before = state.calls.iter().filter(|call| *call == operation).count();
    state.calls.push(operation.to_owned());
    state.failing.is_some_and(|(failing, well)| failing == operation && before >= well)
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .force_path_style(true);
    Client::from_conf(config.build())
}
