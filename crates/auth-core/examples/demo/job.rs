//! The steps of the demo.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use auth_core::AccessToken;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::report::{Report, TokenRow};
use crate::settings::Targets;
use crate::subject::{self, LEAN, LEANIX, LeanScopes, Subject};

/// Number of reads from the cache.
const ASKS: usize = 1_000;

/// Number of tasks that share the reads.
const TASKS: usize = 64;

pub(crate) async fn run(targets: &Targets) -> Result<Report, Failure> {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {pos}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let progress = ProgressBar::new_spinner().with_style(style);
    progress.enable_steady_tick(Duration::from_millis(80));
    let (mut tokens, mut calls) = (Vec::new(), Vec::new());

    // Report invalid settings before anything is sent.
    let lean = LeanScopes::new(&targets.lean)?;
    let mut subjects = vec![lean.backend(targets.lean.api.as_deref())?];
    for customer in &targets.lean.customers {
        subjects.push(lean.customer(customer)?);
    }
    subjects.push(subject::leanix_subject(&targets.leanix)?);
    for subject in &subjects {
        progress.set_message(format!("{}: requesting a token for {}", subject.provider, subject.scope()));
        tokens.push(ask_once(subject).await?);
    }
    if let Some(api) = &targets.lean.api {
        progress.set_message(format!("{LEAN}: creating a customer and requesting a token for it"));
        let customer = subject::new_customer(api, &subjects[0].tokens, &mut calls).await?;
        let subject = lean.customer(&customer)?;
        tokens.push(ask_once(&subject).await?);
        subjects.push(subject);
    }

    progress.set_message(format!("reading tokens from the cache {ASKS} times in {TASKS} tasks:"));
    let subjects: Arc<[Subject]> = subjects.into();
    let started = Instant::now();
    tokens.extend(ask_again(&subjects, &progress).await?);
    let again = started.elapsed();

    for subject in &*subjects {
        progress.set_message(format!("{}: calling its API", subject.provider));
        calls.extend(subject.call().await?);
    }
    progress.finish_and_clear();
    let servers = vec![(LEAN, targets.lean.server.clone()), (LEANIX, targets.leanix.server.clone())];
    Ok(Report { servers, tokens, calls, again })
}

fn row(subject: &Subject, asks: usize, time: Duration, requests: u64, token: &AccessToken) -> TokenRow {
    TokenRow {
        provider: subject.provider,
        scope: subject.scope().to_owned(),
        asks,
        from: if requests == 0 { "cache" } else { "network" },
        lifetime: token.remaining(),
        time,
        requests,
    }
}

async fn ask_once(subject: &Subject) -> Result<TokenRow, Failure> {
    let before = subject.requests();
    let started = Instant::now();
    let token = subject.tokens.access_token().await.map_err(|error| subject.no_token(error))?;
    Ok(row(subject, 1, started.elapsed(), subject.requests() - before, &token))
}

/// Shares `ASKS` reads between the tasks, each of which cycles through the subjects.
async fn ask_again(subjects: &Arc<[Subject]>, progress: &ProgressBar) -> Result<Vec<TokenRow>, Failure> {
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
                    return Ok(asked);
                }
                let (subject, started) = (&subjects[ask % subjects.len()], Instant::now());
                subject.tokens.access_token().await.map_err(|error| subject.no_token(error))?;
                let (asks, time) = &mut asked[ask % subjects.len()];
                *asks += 1;
                *time += started.elapsed();
                progress.inc(1);
            }
        });
    }
    let mut asked = vec![(0, Duration::ZERO); subjects.len()];
    for task in tasks.join_all().await {
        for ((asks, time), (more_asks, more_time)) in asked.iter_mut().zip(task?) {
            *asks += more_asks;
            *time += more_time;
        }
    }
    let mut rows = Vec::new();
    for ((subject, (asks, time)), before) in subjects.iter().zip(asked).zip(before) {
        let token = subject.tokens.access_token().await.map_err(|error| subject.no_token(error))?;
        let each = time.div_f64(asks.max(1) as f64);
        rows.push(row(subject, asks, each, subject.requests() - before, &token));
    }
    Ok(rows)
}
