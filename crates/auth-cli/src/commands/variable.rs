//! The environment variable for a token.

/// The name of the variable if the user names none.
pub(crate) const DEFAULT: &str = "ACCESS_TOKEN";

/// Parses the name of a variable: letters, digits and `_`, beginning with no digit (POSIX).
pub(crate) fn parse(name: &str) -> Result<String, &'static str> {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if is_name && begins {
        Ok(name.to_owned())
    } else {
        Err("the name of a variable may contain ASCII letters, digits and `_`, and must not begin with a digit")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_shells_accept() {
        for (name, accepted) in [("A", true), ("_a9", true), ("", false), ("9A", false), ("A-B", false), ("A=B", false)]
        {
            assert_eq!(parse(name).is_ok(), accepted, "{name}");
        }
    }
}
