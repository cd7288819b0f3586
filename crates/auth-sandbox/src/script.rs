use std::{
    collections::VecDeque,
    iter,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::sleep;

use crate::{Gate, Raw, Reply, TokenReply};

/// What happens to one request: a wait, if any, and then an answer.
#[derive(Clone, Debug)]
pub struct Step {
    gate: Option<Gate>,
    delay: Duration,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// What the provider would say by itself. On a resource the changes have no meaning.
    Token(TokenReply),
    Reply(Reply),
    Raw(Raw),
}

impl Step {
    /// The provider's own answer: a token, or a refusal if the request breaks a rule.
    #[must_use]
    pub fn token() -> Self {
        TokenReply::new().into()
    }

    /// An answer with this status and nothing else.
    ///
    /// # Panics
    ///
    /// Like [`Reply::new`].
    #[must_use]
    #[track_caller]
    pub fn status(status: u16) -> Self {
        Reply::new(status).into()
    }

    /// A redirect to another address.
    ///
    /// # Panics
    ///
    /// Like [`Reply::redirect`].
    #[must_use]
    #[track_caller]
    pub fn redirect(status: u16, location: &str) -> Self {
        Reply::redirect(status, location).into()
    }

    /// Closes the connection without a reply.
    #[must_use]
    pub fn close() -> Self {
        Raw::nothing().into()
    }

    /// Answers only after this time.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Answers only once the gate is open; a delay begins after that.
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

/// What a provider does to the requests to come: one queued step each, and when none is left, the standing one.
///
/// Clones are the same script. A step is used up by the request that takes it, correct or not.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    queue: VecDeque<Step>,
    standing: Option<Step>,
}

impl Script {
    /// Queues a step for one request.
    pub fn push(&self, step: impl Into<Step>) -> &Self {
        self.push_times(1, step)
    }

    /// Queues the same step for `count` requests.
    pub fn push_times(&self, count: usize, step: impl Into<Step>) -> &Self {
        self.plan().queue.extend(iter::repeat_n(step.into(), count));
        self
    }

    /// Makes this the step of every request for which none is queued, until the next `always` or [`reset`](Self::reset).
    pub fn always(&self, step: impl Into<Step>) -> &Self {
        self.plan().standing = Some(step.into());
        self
    }

    /// Forgets all steps: the provider is itself again. Requests that already wait stay where they are.
    pub fn reset(&self) {
        *self.plan() = Plan::default();
    }

    /// Number of queued steps that no request has taken yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.plan().queue.len()
    }

    pub(crate) fn next(&self) -> Step {
        let mut plan = self.plan();
        plan.queue.pop_front().or_else(|| plan.standing.clone()).unwrap_or_else(Step::token)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
