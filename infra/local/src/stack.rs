//! The whole stack in one process, for the command and for tests.

use std::{
    fs::{File, TryLockError},
    io,
    net::Ipv4Addr,
    path::PathBuf,
    sync::Arc,
};

use shared::runtime::clock::Clock;
use tokio::net::TcpListener;

use crate::{
    aws::{Aws, AwsError, Clients, REPORT_BUCKET, TABLE_NAME},
    events::{Bus, Rules},
    functions::{FunctionError, Surroundings, Wiring, wiring},
    gateway::{self, Authorizer, AuthorizerError, Gateway},
    graph::{Graph, Posting},
    mailbox::Mailbox,
    schedule::{ScheduleError, Schedules},
    serve::{Server, serve_router},
    streams::{DrainError, Source, Streams, StreamsError},
    template::{Template, TemplateError},
};
use shared::domain::values::instant::Instant;

/// What a stack is started with.
#[derive(Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where all data is kept. One stack at a time.
    pub data_dir: PathBuf,
    /// What time it is for the functions and the mailbox; the gateway's own authorizer keeps to the machine's clock.
    pub clock: Clock,
    /// Builds the functions.
    pub wiring: Wiring,
}

impl Options {
    /// A free port, the machine's clock, the real functions.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { port: 0, data_dir: data_dir.into(), clock: Clock::system(), wiring: wiring() }
    }
}

/// Why a stack can't start.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// Somebody else listens there.
    #[error("port {0} is in use: stop what listens there, or choose another one with --port")]
    PortInUse(u16),
    /// The port can't be had for another reason.
    #[error("can't listen on port {port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The data directory can't be used.
    #[error("can't use the data directory {}", directory.display())]
    DataDir {
        /// The directory.
        directory: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another stack works on the data directory.
    #[error("another local stack is using the data directory {}", .0.display())]
    DataDirInUse(PathBuf),
    /// template.yaml can't be used.
    #[error("template.yaml can't be used")]
    Template(#[source] TemplateError),
    /// The local AWS services can't run.
    #[error("the local AWS services can't start")]
    Aws(#[source] AwsError),
    /// The authorizer has no key.
    #[error("the authorizer can't start")]
    Authorizer(#[source] AuthorizerError),
    /// The functions can't be built.
    #[error("the functions can't be built")]
    Functions(#[source] FunctionError),
    /// The stand-in for Meta's Graph API can't run.
    #[error("the stand-in for Meta's Graph API can't start")]
    Graph(#[source] io::Error),
    /// The stream can't be read.
    #[error("the stream mappings can't start")]
    Streams(#[source] StreamsError),
}

/// A running stack.
pub struct Stack {
    port: u16,
    gateway: Arc<Gateway>,
    server: Server,
    aws: Aws,
    /// Held, and let go by the system even when the process is killed.
    _lock: File,
}

impl Stack {
    /// Starts everything; when it returns, requests are answered.
    pub async fn start(options: Options) -> Result<Self, StackError> {
        // First, since nothing else should be touched when there is nowhere to listen.
        let listener = listen(options.port).await?;
        let port = listener
            .local_addr()
            .map_err(|source| StackError::Listen { port: options.port, source })?
            .port();
        let authority = format!("127.0.0.1:{port}");
        let lock = lock(&options)?;
        let in_data_dir =
            |source| StackError::DataDir { directory: options.data_dir.clone(), source };

        let template = Template::of_this_build().map_err(StackError::Template)?;
        let mailbox = Mailbox::open(&options.data_dir.join("mail"), options.clock.clone());
        let mailbox = Arc::new(mailbox.map_err(in_data_dir)?);
        let bus = Arc::<Bus>::default();
        let aws = Aws::start(
            &options.data_dir,
            &template.table,
            Arc::clone(&mailbox),
            Arc::clone(&bus),
            options.clock.clone(),
        );
        let aws = aws.await.map_err(StackError::Aws)?;
        let key_file = options.data_dir.join("token-key.der");
        // Making a key takes a while, so it mustn't hold the runtime.
        let authorizer = tokio::task::spawn_blocking(move || Authorizer::open(&key_file))
            .await
            .unwrap_or_else(|error| Err(AuthorizerError::Key(error.to_string())))
            .map_err(StackError::Authorizer)?;

        let graph = Graph::start_in(&options.data_dir, options.clock.clone()).await;
        let graph = graph.map_err(StackError::Graph)?;
        let surroundings = Surroundings {
            clients: aws.clients.clone(),
            table_name: TABLE_NAME.to_owned(),
            report_bucket: REPORT_BUCKET.to_owned(),
            graph_url: graph.url().to_owned(),
            public_url: format!("http://{authority}"),
            clock: options.clock.clone(),
        };
        let functions = (options.wiring)(surroundings).await.map_err(StackError::Functions)?;
        let source = Source::of_table(aws.database(), TABLE_NAME, &template.table)
            .map_err(StackError::Streams)?;
        let streams =
            Streams::start(template, &functions, &source, &options.data_dir.join("streams"));
        let streams = Arc::new(streams.map_err(StackError::Streams)?);
        let schedules = Arc::new(Schedules::start(template, &functions));
        let rules = Rules::start(template, &functions, bus);

        let posting = Posting::start(graph, &format!("http://{authority}"));
        let pages = gateway::page_directories();
        let gateway = Arc::new(Gateway {
            template,
            functions,
            authorizer,
            mailbox,
            streams,
            schedules,
            rules,
            posting,
            authority,
            pages,
        });
        let server = serve_router(listener, gateway::router(Arc::clone(&gateway)))
            .map_err(|source| StackError::Listen { port, source })?;
        Ok(Self { port, gateway, server, aws, _lock: lock })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Clients of the local services, for tests that look behind the API.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.aws.clients
    }

    /// The mails so far.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.aws.mailbox
    }

    /// The stand-in for Meta's Graph API.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        self.gateway.posting.graph()
    }

    /// A token as `GET /local/token` gives it.
    pub fn token(&self, account: &str, scope: &str) -> Result<String, AuthorizerError> {
        self.gateway.authorizer.issue(account, scope)
    }

    /// What `POST /local/drain` does.
    pub async fn drain(&self) -> Result<(), DrainError> {
        self.gateway.drain().await
    }

    /// What `POST /local/tick` does.
    pub async fn tick(&self, at: Option<Instant>) -> Result<(), ScheduleError> {
        self.gateway.schedules.tick(at).await
    }

    /// Stops everything: first the port, then what works in the background, then the services under it.
    pub async fn shutdown(self) {
        self.gateway.posting.stop();
        self.server.stop().await;
        self.gateway.schedules.stop();
        self.gateway.rules.stop();
        self.gateway.streams.stop().await;
        drop(self.gateway);
        self.aws.stop().await;
    }
}

async fn listen(port: u16) -> Result<TcpListener, StackError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StackError::PortInUse(port),
        _ => StackError::Listen { port, source },
    })
}

fn lock(options: &Options) -> Result<File, StackError> {
    let failed = |source| StackError::DataDir { directory: options.data_dir.clone(), source };
    std::fs::create_dir_all(&options.data_dir).map_err(failed)?;
    let file = File::create(options.data_dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StackError::DataDirInUse(options.data_dir.clone())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
