//! Outages of the authorization server.

use std::time::{Duration, Instant};

use auth_sandbox::{Sandbox, Step};

use crate::running::Host;

#[tokio::test(flavor = "multi_thread")]
async fn while_tokens_live_nobody_notices_that_the_server_is_down() {
    // A minute in the life of an hour, scaled: the token is due for renewal during the outage, and expires after it.
    let sandbox = Sandbox::builder().lifetime(Duration::from_secs(20)).start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let configured = std::fs::read_to_string(host.path("config.toml")).unwrap();
    host.write("config.toml", &configured.replace("provider = 'lean'", "provider = 'lean'\nkeep_warm = true"));
    let sidecar = host.serve().await;
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 200);
    sandbox.lean().script().always(Step::status(503));
    let (began, mut answers) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(16) {
        let reply = sidecar.get("/v1/token?profile=lean").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(sidecar.get("/readyz").await.status, 200);
        answers += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answers > 100, "{answers}");
    assert!(sandbox.lean().requests() > 1, "a renewal was tried and failed");
    let issued = sandbox.lean().issued();
    sandbox.lean().script().reset();
    integration_tests::until("the server is back, and the token is renewed", || sandbox.lean().issued() > issued).await;
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 200);
}
