//! The users who may log in. Your program already has users and a login; this example only needs the Lean customer of
//! each user.

use auth_core::lean::{CustomerId, CustomerIdError};
use uuid::Uuid;

/// A user of the program, and the corresponding Lean customer.
pub(crate) struct User {
    pub name: &'static str,
    /// Generated at each start, so that it cannot be known in advance.
    pub password: String,
    pub customer: CustomerId,
}

/// All users.
pub(crate) struct Users(Vec<User>);

impl Users {
    /// Two users.
    pub(crate) fn two() -> Result<Self, CustomerIdError> {
        let user =
            |name, customer: &str| Ok(User { name, password: Uuid::new_v4().to_string(), customer: customer.parse()? });
        let amina = user("amina", "a1b2c3d4-e5f6-7890-abcd-ef0123456789")?;
        let badr = user("badr", "b2c3d4e5-f6a7-4890-8bcd-f01234567890")?;
        Ok(Self(vec![amina, badr]))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.0.iter()
    }

    /// The user of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&User> {
        self.iter().find(|user| user.name == name)
    }
}
