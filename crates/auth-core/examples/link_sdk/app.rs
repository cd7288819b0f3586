//! The HTTP handlers of the program.

use std::sync::Arc;
use std::time::Duration;

use auth_core::{Secret, TokenCache, lean};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::json;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Error;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::users::{User, Users};

/// How long a token must be valid when the LinkSDK opens: the user may take a while.
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);

/// The session key of the user's name.
const USER: &str = "user";

const LOGIN: Html<&str> = Html(include_str!("login.html"));
const PAGE: Html<&str> = Html(include_str!("page.html"));

struct App {
    tokens: TokenCache,
    users: Users,
}

/// The program. It recognizes users by a random cookie that scripts cannot read and other sites cannot send.
pub(crate) fn router(tokens: TokenCache, users: Users) -> Router {
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name("session")
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        // Browsers treat loopback as secure.
        .with_secure(true);
    Router::new()
        .route("/", get(page))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/lean/token", get(token))
        .layer(sessions)
        .with_state(Arc::new(App { tokens, users }))
}

async fn page(State(app): State<Arc<App>>, session: Session) -> Result<Response, StatusCode> {
    let page = if user(&app, &session).await?.is_some() { PAGE } else { LOGIN };
    Ok(no_store(page))
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: Secret,
}

async fn login(
    State(app): State<Arc<App>>,
    session: Session,
    Form(login): Form<Login>,
) -> Result<Response, StatusCode> {
    let Some(user) = app.users.named(&login.user).filter(|user| user.password == login.password.expose()) else {
        return Ok((StatusCode::UNAUTHORIZED, no_store(LOGIN)).into_response());
    };
    // A session id from before the login is not valid after it.
    session.cycle_id().await.map_err(internal)?;
    session.insert(USER, user.name).await.map_err(internal)?;
    Ok(Redirect::to("/").into_response())
}

async fn logout(session: Session) -> Result<Redirect, StatusCode> {
    session.flush().await.map_err(internal)?;
    Ok(Redirect::to("/"))
}

/// The token for the LinkSDK. Only the session determines its customer, not the request.
async fn token(State(app): State<Arc<App>>, session: Session) -> Result<Response, StatusCode> {
    let user = user(&app, &session).await?.ok_or(StatusCode::UNAUTHORIZED)?;
    let scope = lean::Scope::Customer(user.customer.clone()).into();
    let token = app.tokens.access_token_for(&scope, TEN_MINUTES).await.map_err(|error| {
        // For the operator; the page can only try again later.
        eprintln!("no token for {}: {error}", user.name);
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    Ok(no_store(Json(json!({
        "customer_id": user.customer.to_string(),
        "access_token": token.expose(),
        "expires_in": token.remaining().as_secs(),
    }))))
}

/// The user who is logged in, if there is one.
async fn user<'app>(app: &'app App, session: &Session) -> Result<Option<&'app User>, StatusCode> {
    let name: Option<String> = session.get(USER).await.map_err(internal)?;
    Ok(name.and_then(|name| app.users.named(&name)))
}

/// A response for this user only, which must not be cached.
fn no_store(answer: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, "no-store")], answer).into_response()
}

fn internal(error: Error) -> StatusCode {
    eprintln!("no session: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
