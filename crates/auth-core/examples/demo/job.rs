//! The job itself.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use auth_core::{
    AccessToken, ApiToken, BearerClient, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, TokenCache,
    TokenHandle, lean, leanix,
};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::counted::Counted;
use crate::settings::{Lean, Leanix, Targets};

/// How often the tokens are asked for again.
const ASKS: usize = 1_000;

/// The API of Lean that is called.
const CUSTOMERS: &str = "/customers/v1";

/// How many tasks share that.
const TASKS: usize = 64;

/// What the job found.
pub(crate) struct Report {
    pub servers: Vec<(&'static str, String)>,
    pub tokens: Vec<TokenRow>,
    pub calls: Vec<CallRow>,
    /// Time for asking again, all of it.
    pub again: Duration,
}

pub(crate) struct TokenRow {
    pub provider: &'static str,
    pub scope: String,
    pub asks: usize,
    pub from: &'static str,
    pub lifetime: Duration,
    /// Time for one ask.
    pub time: Duration,
    pub requests: u64,
}

pub(crate) struct CallRow {
    pub provider: &'static str,
    pub call: String,
    pub outcome: String,
}

/// One scope of one provider, and an API to use its token on.
struct Subject {
    provider: &'static str,
    tokens: TokenHandle,
    /// Requests of the provider's endpoint, all scopes together.
    requests: Arc<AtomicU64>,
    api: Option<Api>,
}

/// What is called with a token.
enum Api {
    /// Lean's customers, with plain reqwest.
    Customers(BearerClient),
    /// The poll API, with its generated client, which takes its tokens from the cache.
    Polls(leanix_poll::Client),
}

pub(crate) async fn run(targets: &Targets) -> Result<Report, Box<dyn Error>> {
    let progress = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg} {pos}")?);
    progress.enable_steady_tick(Duration::from_millis(80));
    let mut subjects = lean_subjects(&targets.lean)?;
    subjects.push(leanix_subject(&targets.leanix)?);

    let mut tokens = Vec::new();
    for subject in &subjects {
        progress.set_message(format!("{}: requesting a token for {}", subject.provider, subject.scope()));
        tokens.push(ask_once(subject).await?);
    }

    progress.set_message(format!("asking again {ASKS} times from {TASKS} tasks:"));
    let subjects: Arc<[Subject]> = subjects.into();
    let started = Instant::now();
    tokens.extend(ask_again(&subjects, &progress).await?);
    let again = started.elapsed();

    let mut calls = Vec::new();
    for subject in &*subjects {
        if let Some(api) = &subject.api {
            progress.set_message(format!("{}: calling its API", subject.provider));
            calls.push(match api {
                Api::Customers(client) => call(subject, client).await?,
                Api::Polls(client) => call_polls(subject, client).await?,
            });
        }
    }
    progress.finish_and_clear();
    let servers = vec![("Lean", targets.lean.server.clone()), ("SAP LeanIX", targets.leanix.server.clone())];
    Ok(Report { servers, tokens, calls, again })
}

fn lean_subjects(target: &Lean) -> Result<Vec<Subject>, Box<dyn Error>> {
    let credentials = ClientCredentials::new(target.client_id.clone(), target.client_secret.clone())?;
    let endpoint = LeanTokenEndpoint::new(lean::Client::new(&target.auth_url)?, credentials);
    let (endpoint, requests) = Counted::new(endpoint);
    let cache = TokenCache::new(endpoint);
    let mut scopes = vec![lean::Scope::Api];
    for customer in &target.customers {
        scopes.push(lean::Scope::Customer(customer.parse()?));
    }
    let subject = |scope: lean::Scope| {
        let api = target.api.as_deref().filter(|_| scope == lean::Scope::Api);
        let tokens = cache.handle(&scope.into());
        let client = api.map(|base_url| BearerClient::new(tokens.clone(), base_url)).transpose()?;
        let (api, requests) = (client.map(Api::Customers), Arc::clone(&requests));
        Ok(Subject { provider: "Lean", tokens, requests, api })
    };
    scopes.into_iter().map(subject).collect()
}

fn leanix_subject(target: &Leanix) -> Result<Subject, Box<dyn Error>> {
    let client = leanix::Client::new(&target.url)?;
    let endpoint = LeanixTokenEndpoint::new(client, ApiToken::new(target.api_token.clone())?);
    let (endpoint, requests) = Counted::new(endpoint);
    let tokens = TokenCache::new(endpoint).handle(&Scope::empty());
    let polls = leanix_poll::Client::new(&target.url, tokens.clone())?;
    Ok(Subject { provider: "SAP LeanIX", tokens, requests, api: Some(Api::Polls(polls)) })
}

impl Subject {
    fn scope(&self) -> &str {
        if self.tokens.scope().is_empty() { "(none)" } else { self.tokens.scope().as_str() }
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn row(&self, asks: usize, time: Duration, requests: u64, token: &AccessToken) -> TokenRow {
        TokenRow {
            provider: self.provider,
            scope: self.scope().to_owned(),
            asks,
            from: if requests == 0 { "cache" } else { "network" },
            lifetime: token.remaining(),
            time,
            requests,
        }
    }
}

async fn ask_once(subject: &Subject) -> Result<TokenRow, Box<dyn Error>> {
    let before = subject.requests();
    let started = Instant::now();
    let token = subject.tokens.access_token().await?;
    Ok(subject.row(1, started.elapsed(), subject.requests() - before, &token))
}

/// Shares `ASKS` among the tasks, each of which goes round the subjects.
async fn ask_again(subjects: &Arc<[Subject]>, progress: &ProgressBar) -> Result<Vec<TokenRow>, Box<dyn Error>> {
    let before: Vec<u64> = subjects.iter().map(Subject::requests).collect();
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (subjects, next, progress) = (Arc::clone(subjects), Arc::clone(&next), progress.clone());
        tasks.spawn(async move {
            let mut asked = vec![(0, Duration::ZERO); subjects.len()];
            loop {
                let ask = next.fetch_add(1, Ordering::Relaxed) as usize;
                if ask >= ASKS {
                    return Ok::<_, auth_core::TokenError>(asked);
                }
                let started = Instant::now();
                subjects[ask % subjects.len()].tokens.access_token().await?;
                let (asks, time) = &mut asked[ask % subjects.len()];
                *asks += 1;
                *time += started.elapsed();
                progress.inc(1);
            }
        });
    }
    let mut asked = vec![(0, Duration::ZERO); subjects.len()];
    while let Some(task) = tasks.join_next().await {
        for ((asks, time), (more_asks, more_time)) in asked.iter_mut().zip(task??) {
            *asks += more_asks;
            *time += more_time;
        }
    }
    let mut rows = Vec::new();
    for ((subject, (asks, time)), before) in subjects.iter().zip(asked).zip(before) {
        let token = subject.tokens.access_token().await?;
        rows.push(subject.row(asks, time / u32::try_from(asks.max(1))?, subject.requests() - before, &token));
    }
    Ok(rows)
}

async fn call(subject: &Subject, api: &BearerClient) -> Result<CallRow, Box<dyn Error>> {
    let answer = api.get(CUSTOMERS).with(|request| request.timeout(Duration::from_secs(30))).send().await?;
    let (status, call) = (answer.status(), format!("GET {}{CUSTOMERS}", api.base_url()));
    let bytes = answer.bytes().await?.len();
    if !status.is_success() {
        return Err(format!("{}: {call} answered {status}", subject.provider).into());
    }
    Ok(CallRow { provider: subject.provider, call, outcome: format!("{status}, {bytes} bytes") })
}

async fn call_polls(subject: &Subject, client: &leanix_poll::Client) -> Result<CallRow, Box<dyn Error>> {
    let answer = client.list_poll_runs().await?;
    Ok(CallRow {
        provider: subject.provider,
        call: format!("GET {}{}", client.base_url(), leanix_poll::OPERATIONS[0].path),
        outcome: format!("{}, poll runs: {}", answer.status(), answer.data.len()),
    })
}
