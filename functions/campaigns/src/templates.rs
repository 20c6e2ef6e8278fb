//! `/templates`: the messages' templates, which are ours, and what Meta says of them (R19).

use axum::extract::{Path, State};
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};
use shared::domain::activity::Change;
use shared::domain::facts::template::{Template as Told, TemplateState};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::instant::Instant;
use shared::graph::AccessToken;
use shared::graph::Way;
use shared::graph::client::GraphError;
use shared::graph::template::Template;
use shared::store::templates::{TemplateRecord, TemplateTold};
use shared::store::whatsapp::Connection;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;
use crate::whatsapp::{Whatsapp, before_meta, connected, refused};

/// The name, the shop and the coupon of a preview: what shoppers see is theirs.
const PREVIEW: [&str; 2] = ["Ana", "VOLTA10"];

/// All templates.
#[derive(Debug, Serialize, ToSchema)]
pub struct Templates {
    /// One for each language and message type.
    items: Vec<TemplateView>,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Template)]
pub struct TemplateView {
    /// The language of its text.
    language: Language,
    /// What its messages carry.
    message_type: MessageType,
    /// Its name at Meta.
    name: &'static str,
    /// Whether it may be sent; only `approved` is.
    state: StateWord,
    /// When Meta said so, by Meta's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    told_at: Option<Instant>,
    /// Why Meta refused, paused or disabled it, in Meta's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// How shoppers receive it, in Meta's words: `GREEN`, `YELLOW`, `RED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<String>,
    /// What Meta charges it as, in Meta's words, where it is no longer `MARKETING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// How it looks.
    preview: Preview,
}

/// How a message of a template looks, with an invented name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplatePreview)]
pub struct Preview {
    /// Whether a picture stands above the text.
    has_picture: bool,
    /// Its text.
    body: String,
    /// What stands below it.
    footer: &'static str,
    /// The captions of its buttons.
    buttons: Vec<&'static str>,
    /// The coupon that it copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    coupon: Option<&'static str>,
}

/// The state of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = TemplateState)]
pub enum StateWord {
    /// It may be sent.
    Approved,
    /// Meta looks at it.
    Pending,
    /// Meta paused it, since people complained.
    Paused,
    /// Meta refused it.
    Rejected,
    /// Meta switched it off.
    Disabled,
    /// It was never made, or taken away.
    Missing,
}

impl From<TemplateState> for StateWord {
    fn from(state: TemplateState) -> Self {
        match state {
            TemplateState::Approved => Self::Approved,
            TemplateState::Pending => Self::Pending,
            TemplateState::Paused => Self::Paused,
            TemplateState::Rejected => Self::Rejected,
            TemplateState::Disabled => Self::Disabled,
            TemplateState::Missing => Self::Missing,
        }
    }
}

impl TemplateView {
    fn of(template: Template, held: Option<TemplateRecord>, shop: &str) -> Self {
        let Template { language, message_type } = template;
        let [name, coupon] = PREVIEW;
        let (body, footer) = template.shown(name, shop, coupon);
        let preview = Preview {
            has_picture: message_type == MessageType::Image,
            body,
            footer,
            buttons: template.buttons().to_vec(),
            coupon: (message_type == MessageType::Coupon).then_some(coupon),
        };
        let told = held.as_ref().and_then(|held| held.template);
        let (why, quality, category) = match held {
            Some(held) => (held.why, held.quality, held.category),
            None => (None, None, None),
        };
        Self {
            language,
            message_type,
            name: template.name(),
            state: told.map_or(StateWord::Missing, |told| told.state.into()),
            told_at: told.map(|told| told.event_at),
            why,
            quality: quality.map(|told| told.word),
            category: category.map(|told| told.word),
            preview,
        }
    }
}

/// The name of an account's shop, as shoppers see it.
pub(crate) fn shop_name(connection: Option<&Connection>, account: &Account) -> String {
    let verified = connection.and_then(|connection| connection.verified_name.clone());
    verified.unwrap_or_else(|| account.as_str().to_owned())
}

/// The templates
///
/// All of them, also those that were never made at Meta.
#[utoipa::path(
    get,
    path = "/templates",
    operation_id = "listTemplates",
    tag = "templates",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The templates.", body = Templates),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_templates(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<Templates>, Problem> {
    let account = &reader.account;
    set_up(&deps.table, account).await?;
    let connection = deps.table.whatsapp(account).await?;
    let shop = shop_name(connection.as_ref(), account);
    let held = deps.table.templates(account).await?;
    let items = Template::all().into_iter().map(|template| {
        let is_its = |held: &&TemplateRecord| {
            (held.language, held.message_type) == (template.language, template.message_type)
        };
        TemplateView::of(template, held.iter().find(is_its).cloned(), &shop)
    });
    Ok(Json(Templates { items: items.collect() }))
}

/// Make a template at Meta, or read its state again
///
/// Meta judges it within minutes, at times within a day; its verdict comes by webhook.
#[utoipa::path(
    post,
    path = "/templates/{language}/{messageType}",
    operation_id = "createTemplate",
    tag = "templates",
    params(
        ("language" = Language, Path, description = "The language of its text."),
        ("messageType" = MessageType, Path, description = "What its messages carry."),
    ),
    security(("bearer" = ["admin:write"])),
    responses(
        (status = 200, description = "The template as Meta tells of it now.", body = TemplateView),
        (status = 404, description = "`template-not-found`: there is no such language or message type. \
            `account-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`whatsapp-not-connected`. `account-blocked`: Meta takes nothing of the account \
            at present. `whatsapp-refused`: Meta refused it.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn create_template(
    State(deps): State<Deps>,
    writer: Writer,
    Path((language, message_type)): Path<(String, String)>,
) -> Result<Json<TemplateView>, Problem> {
    let account = &writer.account;
    let template = named(&language, &message_type).ok_or_else(|| {
        Problem::not_found("template-not-found", "there is no such language or message type")
    })?;
    set_up(&deps.table, account).await?;
    let (connection, token) = connected(&deps, account).await?;
    let at = before_meta(deps.clock.now());
    let whatsapp = deps.whatsapp()?;
    let told = match told_by_meta(whatsapp, &token, &connection, template).await {
        Ok(told) => told,
        Err(error) => return Err(refused(&deps, account, &connection, error).await),
    };
    let Template { language, message_type } = template;
    if told.is_new {
        let change = Change::of_template(language, message_type);
        deps.table_by(&writer).activity_note(account, change).await?;
    }
    let told = TemplateTold::State(Told { state: told.state, event_at: at }, told.why);
    deps.table.template_fold(account, language, message_type, &told).await?;
    let held = deps.table.template(account, language, message_type).await?;
    let shop = shop_name(Some(&connection), account);
    Ok(Json(TemplateView::of(template, held, &shop)))
}

/// The template that a path names.
fn named(language: &str, message_type: &str) -> Option<Template> {
    fn word<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
        let word: StrDeserializer<'de, Error> = text.into_deserializer();
        T::deserialize(word).ok()
    }
    Some(Template { language: word(language)?, message_type: word(message_type)? })
}

/// What Meta tells of a template.
struct AtMeta {
    state: TemplateState,
    why: Option<String>,
    /// Whether it was made just now.
    is_new: bool,
}

/// A template at Meta, where it is made if it isn't there.
async fn told_by_meta(
    whatsapp: &Whatsapp,
    token: &AccessToken,
    connection: &Connection,
    template: Template,
) -> Result<AtMeta, GraphError> {
    let Whatsapp { graph, public_url, .. } = whatsapp;
    let waba = &connection.waba_id;
    let found = graph.templates(token, waba, template.name()).await?;
    let is_it = |told: &shared::graph::client::ToldTemplate| {
        Template::named(&told.name, &told.language) == Some(template)
    };
    if let Some(told) = found.into_iter().find(is_it) {
        let why = told.rejected_reason.filter(|reason| !reason.is_empty() && reason != "NONE");
        let state = TemplateState::of_word(&told.status);
        return Ok(AtMeta { state, why, is_new: false });
    }
    let picture = match template.message_type {
        MessageType::Image => Some(graph.upload_picture(token, shared::graph::PICTURE).await?),
        MessageType::Text | MessageType::Coupon => None,
    };
    let way = Way::of(connection.has_marketing_messages());
    let asked = template.to_create(&format!("{public_url}/r/"), picture.as_deref(), way);
    let status = graph.create_template(token, waba, &asked).await?;
    Ok(AtMeta { state: TemplateState::of_word(&status), why: None, is_new: true })
}
