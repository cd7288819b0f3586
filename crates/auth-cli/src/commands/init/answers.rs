//! What the profile needs, from the command line or from the user.

use std::io::{self, Read as _};
use std::path::Path;

use auth_core::Secret;
use zeroize::Zeroizing;

use crate::commands::init::arguments::{InitArguments, ProviderName, SecretArguments};
use crate::commands::init::keep::NewSecret;
use crate::commands::init::terminal;
use crate::config::profile::check_name;
use crate::failure::Failure;

/// Size in bytes of the largest secret that is read.
const LONGEST: usize = 64 * 1024;

/// What the profile needs.
pub(super) struct Answers {
    pub(super) profile: String,
    /// Names and values of fields, without the secret.
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) secret: (&'static str, NewSecret),
}

/// Asks for what the command line does not have, or says which option is missing.
struct Source {
    is_terminal: bool,
}

impl Source {
    fn get(
        &self,
        given: Option<&String>,
        option: &str,
        ask: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<String, Failure> {
        match given {
            Some(given) => Ok(given.clone()),
            None if self.is_terminal => ask(),
            None => Err(Failure::usage(format!(
                "{option} is missing, and standard input is no terminal on which to ask for it"
            ))),
        }
    }
}

impl Answers {
    pub(super) fn of(arguments: &InitArguments, path: &Path) -> Result<Self, Failure> {
        let source = Source { is_terminal: terminal::is_there() && !arguments.secret.secret_stdin };
        if source.is_terminal {
            terminal::say(&format!("A new profile for {}", path.display()))?;
        }
        let provider = match arguments.provider {
            Some(ProviderName::Lean) => "lean".to_owned(),
            Some(ProviderName::Leanix) => "leanix".to_owned(),
            Some(ProviderName::OAuth2) => "oauth2".to_owned(),
            None => source.get(None, "--provider", || terminal::choose("Provider", &["lean", "leanix", "oauth2"]))?,
        };
        let profile = source.get(arguments.profile.as_ref(), "the name of the profile", || {
            terminal::ask("Name of the profile", Some(&provider))
        })?;
        check_name(&profile).map_err(Failure::usage)?;
        let mut fields = vec![("provider", provider.clone())];
        let secret = match provider.as_str() {
            "lean" => {
                fields.push((
                    "region",
                    source.get(arguments.region.as_ref(), "--region", || terminal::choose("Region", &["sa", "ae"]))?,
                ));
                let environment = || terminal::choose("Environment", &["sandbox", "production"]);
                fields.push(("environment", source.get(arguments.environment.as_ref(), "--environment", environment)?));
                fields.push(("client_id", client_id(&source, arguments)?));
                "client_secret"
            }
            "leanix" => {
                let instance = || terminal::ask("Instance, such as acme.leanix.net", None);
                fields.push(("instance", source.get(arguments.instance.as_ref(), "--instance", instance)?));
                "api_token"
            }
            _ => {
                match (&arguments.token_url, &arguments.issuer) {
                    (_, Some(issuer)) => fields.push(("issuer", issuer.clone())),
                    (token_url, None) => {
                        let url = || terminal::ask("Token URL", None);
                        fields.push(("token_url", source.get(token_url.as_ref(), "--token-url or --issuer", url)?));
                    }
                }
                if let Some(authentication) = &arguments.authentication {
                    fields.push(("authentication", authentication.clone()));
                }
                fields.push(("client_id", client_id(&source, arguments)?));
                "client_secret"
            }
        };
        if let Some(scope) = &arguments.scope {
            fields.push(("scope", scope.clone()));
        }
        Ok(Self { profile, fields, secret: (secret, new_secret(&source, &arguments.secret, secret)?) })
    }
}

fn client_id(source: &Source, arguments: &InitArguments) -> Result<String, Failure> {
    source.get(arguments.client_id.as_ref(), "--client-id", || terminal::ask("Client id", None))
}

fn new_secret(source: &Source, arguments: &SecretArguments, field: &str) -> Result<NewSecret, Failure> {
    let SecretArguments { secret_file, secret_variable, secret_command, secret_keyring, secret_stdin } = arguments;
    if let Some(path) = secret_file {
        // The configuration may be in another folder.
        let path = std::path::absolute(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        return Ok(NewSecret::File(path));
    }
    if let Some(name) = secret_variable {
        return Ok(NewSecret::Variable(name.clone()));
    }
    if let Some(words) = secret_command {
        return Ok(NewSecret::Command(words.clone()));
    }
    if let Some(name) = secret_keyring {
        return Ok(NewSecret::Keyring(name.clone()));
    }
    if *secret_stdin {
        return read().map(NewSecret::Typed);
    }
    if source.is_terminal {
        let name = field.replace('_', " ");
        return terminal::ask_secretly(&name).map(NewSecret::Typed);
    }
    Err(Failure::usage(
        "one of --secret-file, --secret-variable, --secret-command, --secret-keyring and --secret-stdin is missing; a secret is never an \
         argument itself",
    ))
}

/// The secret on standard input, without one line break at the end.
fn read() -> Result<Secret, Failure> {
    // The full capacity is reserved, since growing would leave an unwiped copy behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    let read = io::stdin().lock().take(LONGEST as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    let secret = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    match secret.len() {
        0 => Err(Failure::usage("there is no secret on standard input")),
        1..=LONGEST => Ok(Secret::from(secret)),
        _ => Err(Failure::usage("standard input holds more than 64 KiB, which is no secret")),
    }
}
