use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::sleep;

use crate::{Gate, Raw, Reply, TokenReply, lock::lock};

/// How one request is handled: an optional wait, then a response.
#[derive(Clone, Debug)]
pub struct Step {
    gate: Option<Gate>,
    pub(crate) delay: Duration,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The provider's normal response with changes, which have no effect on a resource.
    Token(TokenReply),
    Reply(Reply),
    Raw(Raw),
}

impl Step {
    /// The provider's normal response: a token, or a refusal if the request breaks a rule.
    #[must_use]
    pub fn token() -> Self {
        TokenReply::new().into()
    }

    /// A response with this status and without a body.
    ///
    /// # Panics
    ///
    /// Like [`Reply::new`].
    #[must_use]
    #[track_caller]
    pub fn status(status: u16) -> Self {
        Reply::new(status).into()
    }

    /// A redirect to another URL.
    ///
    /// # Panics
    ///
    /// Like [`Reply::redirect`].
    #[must_use]
    #[track_caller]
    pub fn redirect(status: u16, location: &str) -> Self {
        Reply::redirect(status, location).into()
    }

    /// Closes the connection without a response.
    #[must_use]
    pub fn close() -> Self {
        Raw::nothing().into()
    }

    /// Responds only after this time.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Responds only when the gate is open; a delay starts after that.
    #[must_use]
    pub fn held_by(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    pub(crate) async fn wait(&self) {
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
        if !self.delay.is_zero() {
            sleep(self.delay).await;
        }
    }
}

impl From<Answer> for Step {
    fn from(answer: Answer) -> Self {
        Self { gate: None, delay: Duration::ZERO, answer }
    }
}

impl From<TokenReply> for Step {
    fn from(reply: TokenReply) -> Self {
        Answer::Token(reply).into()
    }
}

impl From<Reply> for Step {
    fn from(reply: Reply) -> Self {
        Answer::Reply(reply).into()
    }
}

impl From<Raw> for Step {
    fn from(raw: Raw) -> Self {
        Answer::Raw(raw).into()
    }
}

/// How a provider responds to future requests: each takes the next queued step; if the queue is empty, the step set by
/// [`always`](Self::always) applies.
///
/// Clones are the same script. Every request uses up a queued step, whether it is valid or not.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    /// Each step with the number of requests that it still waits for, which is not zero.
    queue: VecDeque<(usize, Step)>,
    standing: Option<Step>,
}

/// The steps that wait in a script.
pub(crate) struct Waiting {
    /// The first queued steps, each with the number of requests that it waits for.
    pub(crate) next: Vec<(usize, Step)>,
    /// The number of all queued steps.
    pub(crate) remaining: usize,
    pub(crate) always: Option<Step>,
}

impl Script {
    /// Queues a step for one request.
    pub fn push(&self, step: impl Into<Step>) -> &Self {
        self.push_times(1, step)
    }

    /// Queues the same step for `count` requests.
    pub fn push_times(&self, count: usize, step: impl Into<Step>) -> &Self {
        if count > 0 {
            self.plan().queue.push_back((count, step.into()));
        }
        self
    }

    /// Sets the step for every request without a queued step, until the next `always` or [`reset`](Self::reset).
    pub fn always(&self, step: impl Into<Step>) -> &Self {
        self.plan().standing = Some(step.into());
        self
    }

    /// Removes all steps, so that the provider responds normally. Requests that are already waiting keep their step.
    pub fn reset(&self) {
        *self.plan() = Plan::default();
    }

    /// Number of queued steps that no request has taken yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.plan().remaining()
    }

    /// The steps that wait, at most `limit` different ones.
    pub(crate) fn waiting(&self, limit: usize) -> Waiting {
        let plan = self.plan();
        Waiting {
            next: plan.queue.iter().take(limit).cloned().collect(),
            remaining: plan.remaining(),
            always: plan.standing.clone(),
        }
    }

    /// Replaces all steps at once, so that no request sees some of the old and some of the new ones.
    pub(crate) fn replace(&self, next: Vec<(usize, Step)>, always: Option<Step>) {
        *self.plan() = Plan { queue: next.into(), standing: always };
    }

    /// Queues steps at once.
    pub(crate) fn extend(&self, next: Vec<(usize, Step)>) {
        self.plan().queue.extend(next);
    }

    pub(crate) fn next(&self) -> Step {
        let mut plan = self.plan();
        plan.take().or_else(|| plan.standing.clone()).unwrap_or_else(Step::token)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.0)
    }
}

impl Plan {
    /// Takes a queued step for one request.
    fn take(&mut self) -> Option<Step> {
        let (count, step) = self.queue.front_mut()?;
        if *count > 1 {
            *count -= 1;
            return Some(step.clone());
        }
        self.queue.pop_front().map(|(_, step)| step)
    }

    fn remaining(&self) -> usize {
        self.queue.iter().fold(0, |sum: usize, (count, _)| sum.saturating_add(*count))
    }
}
