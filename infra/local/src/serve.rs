//! One HTTP/1 server loop for everything that the stack listens with.

use std::{convert::Infallible, error::Error, net::SocketAddr, time::Duration};

use axum::Router;
use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

/// Answers that are still being written when the stack stops get this long.
const GRACE: Duration = Duration::from_secs(5);

/// A running server. Dropping it stops it, too, without waiting.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops accepting, waits for the answers in progress.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "a server ended badly");
        }
    }
}

/// Serves `service` on `listener`, with Nagle's algorithm off: small answers would wait 40 ms for the client's
/// delayed acknowledgement.
pub(crate) fn serve<S, B>(listener: TcpListener, service: S) -> std::io::Result<Server>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let address = listener.local_addr()?;
    let (stop, mut stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let graceful = GracefulShutdown::new();
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, or the peer is gone already.
                        tracing::warn!(%error, "can't accept a connection");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                },
                _ = &mut stopped => break,
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "can't turn Nagle's algorithm off");
            }
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service.clone());
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
            });
        }
        drop(listener);
        if timeout(GRACE, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests were still running when the server stopped");
        }
    });
    Ok(Server { address, stop: Some(stop), task: Some(task) })
}

/// Serves an axum router.
pub(crate) fn serve_router(listener: TcpListener, router: Router) -> std::io::Result<Server> {
    serve(listener, TowerToHyperService::new(Infallibly(router)))
}

/// Names the router's body type for hyper's incoming requests.
#[derive(Clone)]
struct Infallibly(Router);

impl tower::Service<Request<Incoming>> for Infallibly {
    type Response = Response<axum::body::Body>;
    type Error = Infallible;
    type Future = <Router as tower::Service<Request<Incoming>>>::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        tower::Service::<Request<Incoming>>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        self.0.call(request)
    }
}

/// A listener on a free loopback port.
pub(crate) async fn loopback() -> std::io::Result<TcpListener> {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await
}
