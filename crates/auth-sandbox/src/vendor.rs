use std::fmt;

/// One of the vendors whose servers the sandbox replaces, or none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vendor {
    /// Lean Technologies, open banking.
    Lean,
    /// SAP LeanIX, enterprise architecture management.
    LeanIx,
    /// No vendor: a server that follows RFC 6749, with every client authentication for the client credentials grant.
    OAuth2,
}

impl Vendor {
    pub(crate) const ALL: [Self; 3] = [Self::Lean, Self::LeanIx, Self::OAuth2];

    /// Its name in paths and JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::LeanIx => "leanix",
            Self::OAuth2 => "oauth2",
        }
    }

    /// Path of the token endpoint.
    #[must_use]
    pub fn token_path(self) -> &'static str {
        match self {
            Self::Lean => "/oauth2/token",
            Self::LeanIx => "/services/mtm/v1/oauth2/token",
            Self::OAuth2 => "/generic/token",
        }
    }

    /// Path of the protected resource; each of Lean's customers is one segment below it.
    #[must_use]
    pub fn resource_path(self) -> &'static str {
        match self {
            Self::Lean => "/customers/v1",
            Self::LeanIx => "/services/poll/v2/pollRuns",
            Self::OAuth2 => "/generic/resource",
        }
    }

    /// Value of the claim `iss` in tokens of this vendor.
    pub(crate) fn issuer(self, base_url: &str) -> String {
        match self {
            Self::Lean => base_url.to_owned(),
            Self::LeanIx => format!("{base_url}/services/mtm/v1"),
            Self::OAuth2 => format!("{base_url}/generic"),
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lean => "Lean",
            Self::LeanIx => "LeanIX",
            Self::OAuth2 => "OAuth 2.0",
        })
    }
}
