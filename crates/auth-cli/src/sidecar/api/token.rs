//! The token of a request, for a caller that may have it.

use auth_core::{AccessToken, Scope, TokenError};
use http::StatusCode;

use super::request::Wanted;
use crate::failure::{Failure, Kind};
use crate::sidecar::answer::Refusal;
use crate::sidecar::callers::Caller;
use crate::sidecar::profiles::Profiles;
use crate::sidecar::rights::Rights;

/// The token that is wanted.
pub(super) async fn token(profiles: &Profiles, caller: &Caller, wanted: &Wanted) -> Result<AccessToken, Refusal> {
    let Wanted { profile, scope, min_validity, skip_cache } = wanted;
    let served = profiles.get(profile).filter(|_| caller.rights.include(profile));
    let Some(served) = served else { return Err(no_profile(caller, profile)) };
    let scope = match scope {
        None => served.default_scope().clone(),
        Some(scope) => scope.parse::<Scope>().map_err(|error| Refusal::bad_request(error.to_string()))?,
    };
    if !caller.rights.permit(profile, served.default_scope(), &scope) {
        let message = format!("the caller `{}` may not have this scope of the profile `{profile}`", caller.name);
        return Err(of_profile(Refusal::forbidden(message), profile));
    }
    let token = match skip_cache {
        false => served.token(&scope, *min_validity).await,
        true => served.new_token(&scope, *min_validity).await,
    };
    token.map_err(|error| {
        let failure = Failure::from(&error).of_profile(profile);
        match error {
            // The caller has asked for more than the server issues.
            TokenError::ValidityTooShort { .. } => of_profile(Refusal::bad_request(failure.message), profile),
            _ => Refusal::no_token(failure),
        }
    })
}

/// Whoever may use some profiles only gets the same answer for all others.
fn no_profile(caller: &Caller, profile: &str) -> Refusal {
    match caller.rights {
        Rights::All => {
            Refusal::new(StatusCode::NOT_FOUND, Kind::Usage, "the configuration has no profile of this name")
        }
        Rights::Profiles(_) => {
            let message = format!("the caller `{}` may not use a profile of this name", caller.name);
            of_profile(Refusal::forbidden(message), profile)
        }
    }
}

fn of_profile(mut refusal: Refusal, profile: &str) -> Refusal {
    refusal.failure = refusal.failure.of_profile(profile);
    refusal
}
