//! Checks of what the server says: credentials, scope, and the region of Lean.

use std::time::Duration;

use auth_core::{FailureReason, Scope, TokenError, TransportErrorKind};

use crate::commands::doctor::report::{Check, Report};
use crate::config::profile::Profile;
use crate::config::provider::{Environment, Provider, Region};
use crate::failure::{Failure, Kind};
use crate::tokens;

/// How long a request may take.
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn check(profile: &Profile, scope: &Scope, report: &mut Report) {
    let Err(error) = request(profile, scope).await else {
        report.add(Check::ok("credentials", "the server accepts them"));
        report.add(Check::ok("scope", shown(scope)));
        if let Provider::Lean { server: Some((region, _)), .. } = &profile.provider {
            report.add(Check::ok("region", name(*region)));
        }
        return;
    };
    let failure = Failure::from(&error);
    match subject(&error) {
        Subject::Credentials => {
            report.add(Check::of_failure("credentials", &failure, remedy(&profile.provider)));
            if let Provider::Lean { server: Some((region, environment)), .. } = &profile.provider {
                report.add(elsewhere(profile, *region, *environment, scope).await);
            }
        }
        Subject::Scope => {
            report.add(Check::ok("credentials", "the server accepts them"));
            let remedy = "ask for a scope that the client is registered for: `scope` in the profile, or `--scope`";
            report.add(Check::of_failure("scope", &failure, remedy));
        }
        Subject::Address => report.add(Check::of_failure("credentials", &failure, address(&profile.provider))),
        Subject::Server => report.add(Check::of_failure("credentials", &failure, "try again later")),
        Subject::Configuration => {
            report.add(Check::of_failure("credentials", &failure, "correct the profile as the message says"));
        }
    }
}

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Credentials,
    Scope,
    /// The answer is not that of a token endpoint.
    Address,
    Server,
    Configuration,
}

fn subject(error: &TokenError) -> Subject {
    if let TokenError::Transport(error) = error
        && matches!(error.kind(), TransportErrorKind::Redirect { .. } | TransportErrorKind::BodyTooLarge { .. })
    {
        return Subject::Address;
    }
    match error.reason() {
        FailureReason::InvalidClient
        | FailureReason::UnauthorizedClient
        | FailureReason::AccessDenied
        | FailureReason::InvalidGrant
        | FailureReason::Refused => Subject::Credentials,
        FailureReason::NotAToken => Subject::Address,
        FailureReason::InvalidScope | FailureReason::ScopeNotGranted => Subject::Scope,
        FailureReason::CredentialsUnavailable
        | FailureReason::InvalidRequest
        | FailureReason::Metadata
        | FailureReason::UnsupportedGrantType
        | FailureReason::Unsendable => Subject::Configuration,
        _ => Subject::Server,
    }
}

fn remedy(provider: &Provider) -> &'static str {
    match provider {
        Provider::Lean { .. } => {
            "copy the application id and the client secret again from the Application Dashboard of this region and environment"
        }
        Provider::Leanix { .. } => {
            "create a new API token for the Technical User, and check that the user is active in this workspace"
        }
        Provider::OAuth2(_) => "check the client id, the secret or key, and `authentication`",
    }
}

fn address(provider: &Provider) -> &'static str {
    match provider {
        Provider::Lean { server: Some(_), .. } => "check whether something on the way answers instead, such as a proxy",
        Provider::Lean { .. } => "the answer does not come from a token endpoint; check `base_url`",
        Provider::Leanix { .. } => "the answer does not come from a token endpoint; check `instance` or `base_url`",
        Provider::OAuth2(_) => "the answer does not come from a token endpoint; check `token_url` or `issuer`",
    }
}

/// Requests a token without any cache, once.
async fn request(profile: &Profile, scope: &Scope) -> Result<(), TokenError> {
    tokens::uncached(profile, DEADLINE).access_token(scope).await.map(drop)
}

/// Tries the credentials in the other region, whose servers are Lean's as well.
async fn elsewhere(profile: &Profile, region: Region, environment: Environment, scope: &Scope) -> Check {
    let other = region.other();
    let Some(provider) = profile.provider.in_region(other, environment) else {
        return Check::skipped("region", "the other region has no such server");
    };
    let answer = request(&Profile { provider, ..profile.clone() }, scope).await;
    in_other_region(region, answer.as_ref().err().map(subject), answer.is_ok())
}

fn in_other_region(region: Region, subject: Option<Subject>, is_accepted: bool) -> Check {
    let other = region.other();
    // A scope is looked at after the credentials.
    if is_accepted || subject == Some(Subject::Scope) {
        return Check::failed(
            "region",
            Kind::Refused,
            format!("the credentials are those of {}", name(other)),
            format!("set `region = \"{}\"` in the profile", other.word()),
        );
    }
    match subject {
        Some(Subject::Credentials) => {
            Check::ok("region", format!("{} does not accept the credentials either", name(other)))
        }
        _ => Check::skipped("region", format!("{} did not say whether it accepts the credentials", name(other))),
    }
}

fn name(region: Region) -> &'static str {
    match region {
        Region::Sa => "Saudi Arabia (KSA)",
        Region::Ae => "the United Arab Emirates (UAE)",
    }
}

fn shown(scope: &Scope) -> String {
    if scope.is_empty() { "none was requested".to_owned() } else { format!("`{scope}` was granted") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_named_only_if_the_other_one_accepts_the_credentials() {
        for (subject, is_accepted, lines) in [
            (
                None,
                true,
                "FAILED  region         the credentials are those of the United Arab Emirates (UAE)\n                       remedy: set `region = \"ae\"` in the profile\n",
            ),
            (
                Some(Subject::Scope),
                false,
                "FAILED  region         the credentials are those of the United Arab Emirates (UAE)\n                       remedy: set `region = \"ae\"` in the profile\n",
            ),
            (
                Some(Subject::Credentials),
                false,
                "ok      region         the United Arab Emirates (UAE) does not accept the credentials either\n",
            ),
            (
                Some(Subject::Server),
                false,
                "skipped region         the United Arab Emirates (UAE) did not say whether it accepts the credentials\n",
            ),
        ] {
            let mut report = Report::new("lean");
            report.add(in_other_region(Region::Sa, subject, is_accepted));
            assert_eq!(report.lines(), lines);
        }
    }
}
