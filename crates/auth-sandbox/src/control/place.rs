//! The paths of the interface.

use super::failure::Failure;
use crate::{Vendor, form};

/// What a path below `/_sandbox/v1/` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    State,
    Requests,
    Tokens,
    /// The token with this id.
    Token(String),
    Script(Vendor, Target),
    Lifetime(Vendor),
    Credentials(Vendor),
    Reset,
}

/// What a script answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Token,
    Resource,
    /// The metadata document, which only [`Vendor::OAuth2`] has.
    Metadata,
}

impl Place {
    pub(super) fn of(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').collect();
        let vendor = |name| Vendor::ALL.into_iter().find(|vendor| vendor.name() == name);
        Some(match *segments {
            ["state"] => Self::State,
            ["requests"] => Self::Requests,
            ["tokens"] => Self::Tokens,
            ["tokens", id] if !id.is_empty() => Self::Token(id.to_owned()),
            ["scripts", name, "token"] => Self::Script(vendor(name)?, Target::Token),
            ["scripts", name, "resource"] => Self::Script(vendor(name)?, Target::Resource),
            ["scripts", "oauth2", "metadata"] => Self::Script(Vendor::OAuth2, Target::Metadata),
            ["lifetimes", name] => Self::Lifetime(vendor(name)?),
            ["credentials", name] => Self::Credentials(vendor(name)?),
            ["reset"] => Self::Reset,
            _ => return None,
        })
    }

    /// The permitted methods, for `Allow`.
    pub(super) fn methods(&self) -> &'static str {
        match self {
            Self::State | Self::Requests => "GET",
            Self::Tokens => "GET, DELETE",
            Self::Token(_) => "DELETE",
            Self::Script(..) => "GET, PUT, POST, DELETE",
            Self::Lifetime(_) | Self::Credentials(_) => "PUT",
            Self::Reset => "POST",
        }
    }

    /// Reads the query: `after` for requests, nothing for all others. Default: 0.
    pub(super) fn query(&self, query: &str) -> Result<u64, Failure> {
        let fields = form::fields(query.as_bytes()).map_err(Failure::syntax)?;
        match (self, fields.as_slice()) {
            (_, []) => Ok(0),
            (Self::Requests, [(name, value)]) if name == "after" => {
                value.parse().map_err(|_| Failure::field("after", "must be the number of a request"))
            }
            (Self::Requests, fields) => {
                let name = fields.iter().find(|(name, _)| name != "after").map_or("after", |(name, _)| name);
                Err(Failure::field(name, "the query may only have `after`, once"))
            }
            (_, [(name, _), ..]) => Err(Failure::field(name, "this path has no query")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_stands_for_one_place() {
        for (path, place) in [
            ("state", Some(Place::State)),
            ("requests", Some(Place::Requests)),
            ("tokens", Some(Place::Tokens)),
            ("tokens/a-b", Some(Place::Token("a-b".to_owned()))),
            ("scripts/lean/token", Some(Place::Script(Vendor::Lean, Target::Token))),
            ("scripts/leanix/resource", Some(Place::Script(Vendor::LeanIx, Target::Resource))),
            ("scripts/oauth2/metadata", Some(Place::Script(Vendor::OAuth2, Target::Metadata))),
            ("lifetimes/lean", Some(Place::Lifetime(Vendor::Lean))),
            ("credentials/leanix", Some(Place::Credentials(Vendor::LeanIx))),
            ("reset", Some(Place::Reset)),
            ("", None),
            ("State", None),
            ("state/", None),
            ("tokens/", None),
            ("tokens/a/b", None),
            ("scripts/lean", None),
            ("scripts/other/token", None),
            ("scripts/lean/tokens", None),
            ("scripts/lean/metadata", None),
            ("lifetimes", None),
            ("credentials/Lean", None),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }

    #[test]
    fn a_query_is_read_strictly() {
        assert!(matches!(Place::State.query(""), Ok(0)));
        assert!(matches!(Place::Requests.query("after=17"), Ok(17)));
        for wrong in ["after=", "after=-1", "after=x", "after=1&after=2", "before=1", "after=%zz"] {
            assert!(Place::Requests.query(wrong).is_err(), "{wrong}");
        }
        assert!(Place::State.query("after=1").is_err());
    }
}
