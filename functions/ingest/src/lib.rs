//! What comes in from outside becomes facts. A module for each endpoint:
//!
//! - [`whatsapp`] serves `/webhooks/whatsapp`,
//! - [`vtex`] serves `POST /webhooks/vtex/{account}`,
//! - [`events`] serves `POST /events/{account}`,
//! - [`aside_list`] serves `GET /events/aside`,
//! - [`aside_replay`] serves `POST /events/aside/replay`,
//! - [`sends`] serves `POST /sends/{account}`,
//! - [`carts`] serves `POST /carts/{account}`,
//! - [`links`] serves `/r/{token}`.
//!
//! [`replay`] sends what was kept aside through their functions again.
//!
//! Each says what it works with, and [`deps`] gives it that. What they share knows none of them:
//! [`front_pages`] (where stores are), [`facts`] (storing) and [`meaning`]; and what others take in facts
//! with, too: `shared::intake`.
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

mod aside_list;
mod aside_replay;
mod batch;
mod carts;
mod config;
mod deps;
pub mod events;
mod facts;
mod front_pages;
mod links;
mod meaning;
mod problems;
pub mod replay;
mod sender;
mod sends;
mod status;
mod token;
pub mod vtex;
pub mod whatsapp;

pub use aside_replay::{LOOKED_AT, TRIED, WITHIN};
pub use carts::{CartUpdated, Carts};
pub use config::Config;
pub use deps::Deps;
pub use facts::store_all;
pub use meaning::Meaning;
pub use shared::runtime::random::Randomness;
pub use vtex::VtexAccess;

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
    events::CartData,
)))]
struct ApiDocument;

fn documented() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(whatsapp::handshake, whatsapp::receive))
        .routes(routes!(vtex::receive))
        .routes(routes!(events::receive))
        .routes(routes!(aside_list::list))
        .routes(routes!(aside_replay::replay))
        .routes(routes!(sends::send))
        .routes(routes!(carts::beat))
        .routes(routes!(links::follow, links::probe))
}
