//! The customers of Lean's application, and the validation of new ones.

use std::sync::Mutex;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use uuid::Uuid;

use crate::{lock::lock, problem::Problem, random, timestamp};

/// A customer, with the members that the document describes.
#[derive(Clone, Serialize)]
pub(crate) struct Customer {
    customer_id: Uuid,
    app_user_id: String,
    app_id: String,
    created_at: String,
}

/// The body of a request to create a customer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    #[serde(default, deserialize_with = "given")]
    app_user_id: Option<String>,
    /// Described in the vendor's guide, not in the document. The values are not kept.
    #[serde(default, rename = "government_identifiers")]
    _government_identifiers: IgnoredAny,
}

impl NewCustomer {
    fn read(body: &[u8]) -> Result<Self, Problem> {
        let problem = || Problem::invalid_parameters("the body must be a JSON object with only the string app_user_id");
        // `serde` also accepts a list for a struct.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(problem());
        }
        serde_json::from_slice(body).map_err(|_| problem())
    }
}

/// If present, the value must be a string; `null` counts as absent.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// The existing customers, the oldest first.
pub(crate) struct Customers(Mutex<Vec<Customer>>);

impl Customers {
    /// The two customers of a new sandbox.
    pub(crate) fn of(app_id: &str) -> Self {
        Self(Mutex::new(Self::initial(app_id)))
    }

    /// Removes all customers except the two of a new sandbox.
    pub(crate) fn reset(&self, app_id: &str) {
        *lock(&self.0) = Self::initial(app_id);
    }

    fn initial(app_id: &str) -> Vec<Customer> {
        let customer = |customer_id, app_user_id: &str| Customer {
            customer_id: Uuid::from_u128(customer_id),
            app_user_id: app_user_id.to_owned(),
            app_id: app_id.to_owned(),
            created_at: "2026-01-01T00:00:00.000Z".to_owned(),
        };
        vec![
            customer(0xa1b2_c3d4_e5f6_7890_abcd_ef01_2345_6789, "first-user"),
            customer(0xb2c3_d4e5_f6a7_4890_8bcd_f012_3456_7890, "second-user"),
        ]
    }

    pub(crate) fn all(&self) -> Vec<Customer> {
        lock(&self.0).clone()
    }

    /// The customer with this id, written as a UUID with hyphens.
    pub(crate) fn find(&self, id: &str) -> Result<Customer, Problem> {
        let id = random::parse_uuid(id).ok_or_else(|| Problem::invalid_parameters("customer_id is not a UUID"))?;
        let found = lock(&self.0).iter().find(|customer| customer.customer_id == id).cloned();
        found.ok_or_else(Problem::unknown_customer)
    }

    /// Creates a customer from a request body.
    pub(crate) fn create(&self, body: &[u8], app_id: &str) -> Result<Customer, Problem> {
        let new = NewCustomer::read(body)?;
        let app_user_id = new.app_user_id.ok_or_else(|| Problem::missing_parameters("app_user_id is missing"))?;
        let customer_id = random::uuid().map_err(|_| Problem::server_error())?;
        let mut customers = lock(&self.0);
        if customers.iter().any(|customer| customer.app_user_id == app_user_id) {
            return Err(Problem::customer_exists());
        }
        let customer = Customer { customer_id, app_user_id, app_id: app_id.to_owned(), created_at: timestamp::now() };
        customers.push(customer.clone());
        Ok(customer)
    }
}
