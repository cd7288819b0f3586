//! The forms in which a token is printed.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::commands::request::Issued;

/// The form in which a token is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The token
    #[default]
    Token,
    /// The HTTP header Authorization
    Header,
    /// An object like the response of a token endpoint, with the time at which the token expires
    Json,
    /// A line NAME=TOKEN for the environment
    Env,
    /// A configuration of curl: curl -K <(access-token get PROFILE --format curl) URL
    Curl,
    /// An ExecCredential of client.authentication.k8s.io/v1, for kubectl
    ExecCredential,
}

/// The response of a token endpoint (RFC 6749 section 5.1), with the time at which the token expires.
#[derive(Serialize)]
struct Json<'token> {
    access_token: &'token str,
    token_type: &'static str,
    expires_in: i64,
    expires_at: String,
    scope: &'token str,
}

/// <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential<'token> {
    api_version: &'static str,
    kind: &'static str,
    status: ExecCredentialStatus<'token>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredentialStatus<'token> {
    expiration_timestamp: String,
    token: &'token str,
}

impl Issued {
    /// The token in this form, with a line break at the end. `variable` is the name for the environment.
    pub(crate) fn print(
        &self,
        format: Format,
        variable: &str,
        now: DateTime<Utc>,
    ) -> serde_json::Result<Zeroizing<String>> {
        let token = self.token.expose();
        let text = match format {
            Format::Token => format!("{token}\n"),
            Format::Header => format!("Authorization: Bearer {token}\n"),
            Format::Env => format!("{variable}={token}\n"),
            // A bearer token holds neither quotes nor backslashes (RFC 6750 section 2.1).
            Format::Curl => format!("header = \"Authorization: Bearer {token}\"\n"),
            Format::Json => line(&Json {
                access_token: token,
                token_type: "Bearer",
                expires_in: (self.expires_at - now).num_seconds().max(0),
                expires_at: timestamp(self.expires_at),
                scope: &self.scope,
            })?,
            Format::ExecCredential => line(&ExecCredential {
                api_version: "client.authentication.k8s.io/v1",
                kind: "ExecCredential",
                status: ExecCredentialStatus { expiration_timestamp: timestamp(self.expires_at), token },
            })?,
        };
        Ok(Zeroizing::new(text))
    }
}

fn line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)? + "\n")
}

/// RFC 3339, rounded down to the second: nobody uses the token for too long.
fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use auth_core::Secret;
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn each_form_is_what_its_reader_expects() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let expires_at = now + TimeDelta::milliseconds(59_900);
        let issued = Issued { token: Secret::from("a.b-c="), expires_at, scope: "api read".to_owned() };
        for (format, wanted) in [
            (Format::Token, "a.b-c=\n"),
            (Format::Header, "Authorization: Bearer a.b-c=\n"),
            (Format::Env, "MY_TOKEN=a.b-c=\n"),
            (Format::Curl, "header = \"Authorization: Bearer a.b-c=\"\n"),
            (
                Format::Json,
                "{\"access_token\":\"a.b-c=\",\"token_type\":\"Bearer\",\"expires_in\":59,\"expires_at\":\"2024-10-04T00:00:59Z\",\
                 \"scope\":\"api read\"}\n",
            ),
            (
                Format::ExecCredential,
                "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\
                 \"expirationTimestamp\":\"2024-10-04T00:00:59Z\",\"token\":\"a.b-c=\"}}\n",
            ),
        ] {
            assert_eq!(*issued.print(format, "MY_TOKEN", now).unwrap(), wanted, "{format:?}");
        }
    }
}
