//! Reads the metadata document of an issuer, and keeps it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use auth_transport::{Call, Error, TokenUrl, Transport, TransportErrorKind};
use tokio::sync::Mutex;

use crate::clock::{AnyClock, Moment};
use crate::token::error::metadata::{MetadataError, MetadataProblem};
use crate::token::error::retry_after::retry_after;
use crate::token::error::token_error::TokenError;
use crate::vendor::oauth2::metadata::{Document, Metadata, Requirement};
use crate::vendor::oauth2::well_known::Issuer;

/// Time after which a document is read again.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Time after which a document that could not be read again is tried once more.
const PAUSE: Duration = Duration::from_secs(60);

type Outcome = Result<Arc<Metadata>, TokenError>;

/// The metadata of one issuer.
pub(crate) struct Discovery {
    issuer: Issuer,
    known: ArcSwapOption<Known>,
    /// Held while the document is read. Has the outcome of the last time.
    reading: Mutex<Option<Outcome>>,
    /// The number of times that the document has been read.
    rounds: AtomicU64,
    clock: AnyClock,
}

/// A document, and when it is read again.
struct Known {
    metadata: Arc<Metadata>,
    since: Moment,
    good_for: Duration,
}

impl Discovery {
    pub(crate) fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            known: ArcSwapOption::empty(),
            reading: Mutex::default(),
            rounds: AtomicU64::new(0),
            clock: AnyClock::default(),
        }
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The metadata, from a document that is at most `max_age` old if it can be read again.
    pub(crate) async fn current(&self, transport: &Transport, max_age: Duration) -> Outcome {
        let Some(known) = self.known.load_full() else { return self.read(transport, max_age).await };
        if self.clock.exact().since(known.since) < known.good_for {
            return Ok(Arc::clone(&known.metadata));
        }
        // While one request reads the document again, the others continue with the old one.
        if let Ok(mut last) = self.reading.try_lock()
            && self.read_now(transport, max_age, &mut last).await.is_err()
        {
            self.keep(&known.metadata, PAUSE.min(max_age));
        }
        Ok(self.known.load().as_ref().map_or_else(|| Arc::clone(&known.metadata), |now| Arc::clone(&now.metadata)))
    }

    /// Reads the document. Calls at the same time share one exchange.
    pub(crate) async fn read(&self, transport: &Transport, max_age: Duration) -> Outcome {
        let round = self.rounds.load(SeqCst);
        let mut last = self.reading.lock().await;
        match &*last {
            Some(outcome) if self.rounds.load(SeqCst) != round => outcome.clone(),
            _ => self.read_now(transport, max_age, &mut last).await,
        }
    }

    /// The URL of the token endpoint for a client. If the server does not accept the client, the document is read again for the
    /// next request.
    pub(crate) fn url<'a>(&self, metadata: &'a Metadata, client: &Requirement) -> Result<&'a TokenUrl, TokenError> {
        metadata.url_for(client).map_err(|problem| {
            self.known.store(None);
            self.unusable(problem)
        })
    }

    async fn read_now(&self, transport: &Transport, max_age: Duration, last: &mut Option<Outcome>) -> Outcome {
        let outcome = self.any_document(transport).await.map(Arc::new);
        if let Ok(metadata) = &outcome {
            self.keep(metadata, max_age);
        }
        *last = Some(outcome.clone());
        self.rounds.fetch_add(1, SeqCst);
        outcome
    }

    fn keep(&self, metadata: &Arc<Metadata>, good_for: Duration) {
        let (metadata, since) = (Arc::clone(metadata), self.clock.exact());
        self.known.store(Some(Arc::new(Known { metadata, since, good_for })));
    }

    /// The document at the first URL that has one.
    async fn any_document(&self, transport: &Transport) -> Result<Metadata, TokenError> {
        let [oauth, openid] = self.issuer.documents();
        let absent = match self.document(transport, oauth).await {
            Err(error) if is_absent(&error) => error,
            answer => return answer,
        };
        match self.document(transport, openid).await {
            Err(error) if is_absent(&error) => Err(absent),
            answer => answer,
        }
    }

    async fn document(&self, transport: &Transport, url: &TokenUrl) -> Result<Metadata, TokenError> {
        let call = Call::new(transport).of_operation("metadata of the issuer").expecting_object();
        let send = async {
            let request = call.client().get(url.url().clone()).header("accept", "application/json");
            let response = call.execute(request.build()?).await?;
            if response.status().is_success() {
                call.read::<Document, ()>(response).await
            } else {
                Err(progenitor_client::Error::UnexpectedResponse(response))
            }
        };
        let document = call.clone().finish(send).await.map_err(|error| self.error(error))?;
        Metadata::new(document.into_inner(), self.issuer.as_str()).map_err(|problem| self.unusable(problem))
    }

    fn error(&self, error: Error<()>) -> TokenError {
        match error {
            Error::Transport(error) => TokenError::Transport(error),
            Error::Refused(refusal) => {
                let problem = MetadataProblem::Status(refusal.status.as_u16());
                let mut error = MetadataError::new(self.issuer.as_str(), problem);
                error.retry_after = retry_after(refusal.status, &refusal.headers, SystemTime::now());
                TokenError::Metadata(error)
            }
            Error::Payload(error) => {
                let (problem, line, column) = (error.problem, error.line, error.column);
                self.unusable(MetadataProblem::Body { problem, line, column })
            }
            Error::UnexpectedStatus(error) => self.unusable(MetadataProblem::Status(error.status.as_u16())),
            _ => TokenError::Request("the request for the metadata of the issuer cannot be built"),
        }
    }

    fn unusable(&self, problem: MetadataProblem) -> TokenError {
        TokenError::Metadata(MetadataError::new(self.issuer.as_str(), problem))
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Discovery").field("issuer", &self.issuer.as_str()).finish_non_exhaustive()
    }
}

/// True if the server may have no document at a URL: it refuses the request, redirects to another page, or sends one. Some
/// servers fail with 5xx for URLs that they do not know.
fn is_absent(error: &TokenError) -> bool {
    match error {
        TokenError::Metadata(error) => match error.problem {
            MetadataProblem::Status(status) => !matches!(status, 408 | 429) && error.retry_after.is_none(),
            MetadataProblem::Body { .. } => true,
            _ => false,
        },
        TokenError::Transport(error) => matches!(error.kind(), TransportErrorKind::Redirect { .. }),
        _ => false,
    }
}
