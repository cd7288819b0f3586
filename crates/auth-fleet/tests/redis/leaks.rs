//! What somebody sees who reads the server: no token, scope, client or credential.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use auth_core::{EndpointIdentity, ExpiresIn, Scope, Secret, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_fleet::{RedisStore, Shared};

use crate::redis_server::Server;
use crate::support::{KEYS, keys, soon};

/// What must not be seen.
const MARKERS: [&str; 5] = ["marker-token", "marker-scope", "marker-client", "marker-credential", "marker.example.com"];

/// Issues tokens with the marker.
#[derive(Clone, Default)]
struct Endpoint(Arc<AtomicUsize>);

impl TokenEndpoint for Endpoint {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let mut response = TokenResponse::new(format!("marker-token-{number}-{}", "x".repeat(500)));
        response.expires_in = Some(ExpiresIn::from_secs(600));
        Ok(response)
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let credential = Secret::from("marker-credential");
        Ok(EndpointIdentity::new("https://marker.example.com/token", "marker-client", &credential))
    }

    fn issuer_name(&self) -> &str {
        "marker.example.com"
    }
}

/// Reads all commands that the server executes, until it ends.
fn monitor(server: &Server) -> JoinHandle<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.write_all(b"MONITOR\r\n").unwrap();
    let mut accepted = [0; 5];
    stream.read_exact(&mut accepted).unwrap();
    assert_eq!(&accepted, b"+OK\r\n");
    std::thread::spawn(move || {
        let mut seen = Vec::new();
        // An error ends it like the server does.
        let _ = stream.read_to_end(&mut seen);
        seen
    })
}

fn holds(text: &[u8], words: &str) -> bool {
    text.windows(words.len()).any(|window| window == words.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_monitor_nor_a_dump_shows_a_token_a_scope_or_a_client() {
    let Some(mut server) = Server::with(&["--rdbcompression", "no"]) else { return };
    let monitor = monitor(&server);
    let endpoint = Endpoint::default();
    let mut caches = Vec::new();
    for _ in 0..3 {
        let store = RedisStore::connect(server.url(), keys()).await.unwrap();
        caches.push(TokenCache::new(Shared::new(endpoint.clone(), store)));
    }
    let scopes = ["marker-scope", "marker-scope:write marker-scope:read"].map(|scope| scope.parse::<Scope>().unwrap());
    for scope in &scopes {
        let mut tokens = Vec::new();
        for cache in &caches {
            tokens.push(soon(cache.access_token(scope)).await.unwrap());
        }
        assert!(tokens.iter().all(|token| token.expose() == tokens[0].expose()), "all have the same token");
        caches[1].reject(&tokens[1]);
        assert_ne!(soon(caches[1].access_token(scope)).await.unwrap().expose(), tokens[0].expose());
    }
    assert_eq!(endpoint.0.load(Ordering::SeqCst), 4, "one for each scope, and one for each rejection");
    // What is not hidden is found in both.
    server.command(&["SET", "plain", "marker-of-the-test"]);
    server.command(&["SAVE"]);
    let dump = std::fs::read(server.path("dump.rdb")).unwrap();
    server.kill();
    let seen = monitor.join().unwrap();
    for (place, text) in [("MONITOR", &seen), ("the dump", &dump)] {
        assert!(holds(text, "marker-of-the-test") && holds(text, "auth-fleet:{"), "{place} was not read");
        for words in MARKERS.into_iter().chain(KEYS.lines()) {
            assert!(!holds(text, words), "{place} shows {words}");
        }
    }
}
