//! The counters of a cache as Prometheus metrics: `cargo run -p auth-core --example metrics --features metrics`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::leanix::Client;
use auth_core::{ApiToken, LeanixTokenEndpoint, MetricsObserver, Scope, TokenCache};
use auth_sandbox::{Sandbox, Step};
use metrics_exporter_prometheus::PrometheusBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Any other recorder for the crate `metrics` works as well.
    let prometheus = PrometheusBuilder::new().install_recorder()?;

    // The sandbox replaces SAP LeanIX here, and fails for a moment.
    let sandbox = Sandbox::start().await?;
    sandbox.leanix().script().push(Step::status(503));
    let api_token = ApiToken::new(sandbox.leanix_api_token())?;
    let endpoint = LeanixTokenEndpoint::new(Client::new(sandbox.base_url())?, api_token);
    // The default name of an issuer is its host.
    let builder = TokenCache::builder(endpoint).issuer_name("leanix");
    let tokens = builder.observer(MetricsObserver::default()).build();
    for _ in 0..1_000 {
        tokens.access_token(&Scope::empty()).await?;
    }

    let page = prometheus.render();
    println!("{page}");
    for wanted in [
        r#"token_requests_total{issuer="leanix"} 2"#,
        r#"token_failures_total{issuer="leanix",reason="server_error"} 1"#,
        r#"tokens_issued_total{issuer="leanix"} 1"#,
    ] {
        if !page.contains(wanted) {
            return Err(format!("{wanted} should have been counted").into());
        }
    }
    Ok(())
}
