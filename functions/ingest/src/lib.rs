//! What comes in from outside becomes facts: `WhatsApp`'s webhooks, the store's `CloudEvents`,
//! VTEX's order hook, sends and taps on tracked links.
//!
//! R12 rules here. A caller hears 2xx only after everything that it sent is durable; what fails
//! for now is answered 5xx, so that it comes again; what can never be stored is kept aside with
//! its reason and fails no neighbour. Facts are idempotent (R2), so a redelivery is harmless.

use axum::Router;
use axum::routing::post;
use shared::web::api::AdminParts;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

mod accounts;
mod aside;
mod cache;
mod deps;
mod events;
mod links;
mod problems;
mod replay;
mod sender;
mod sends;
mod status;
mod store;
mod token;
pub mod vtex;
mod whatsapp;

pub use aside::{Code, Reason};
pub use deps::{Config, Deps};
pub use replay::{NotReplayed, Replayed, replay};
pub use shared::runtime::random::Randomness;
pub use store::{NotStored, store_all};
pub use vtex::Vtex;

/// The routes of this function.
pub fn router(deps: Deps) -> Router {
    let (router, _) = documented().split_for_parts();
    let router = router
        // `aside` is an account's name like another: only GET means the list.
        .route("/events/aside", post(events::receive_for_aside))
        .with_state(deps);
    shared::web::conventions(router)
}

/// The contract of this function's routes.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().into_openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(modifiers(&AdminParts), components(schemas(
    events::CloudEvent,
    events::SentData,
    events::StatusData,
    events::ClickedData,
    events::OrderData,
)))]
struct Documented;

fn documented() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(Documented::openapi())
        .routes(routes!(whatsapp::handshake, whatsapp::receive))
        .routes(routes!(vtex::receive))
        .routes(routes!(events::receive))
        .routes(routes!(aside::list))
        .routes(routes!(sends::send))
        .routes(routes!(links::follow, links::probe))
}
