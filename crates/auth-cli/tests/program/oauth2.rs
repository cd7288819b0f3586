//! Profiles for any server that follows RFC 6749: each way to authenticate, at a token URL or an issuer.

use auth_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::home::{Home, Output};

/// How the client of a token authenticated, as the token says.
fn authenticated(output: &Output) -> String {
    let claims = URL_SAFE_NO_PAD.decode(output.success().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["client_authentication"].as_str().unwrap().to_owned()
}

/// A home with the secrets of the client, and its profile `other` with these fields.
struct Client {
    sandbox: Sandbox,
    home: Home,
}

impl Client {
    async fn new() -> Self {
        let sandbox = Sandbox::builder().tls().start().await.unwrap();
        let mut home = Home::new();
        home.secret("secret", &sandbox.oauth2_client().secret());
        home.write("root.pem", sandbox.root_pem().unwrap(), 0o644);
        Self { sandbox, home }
    }

    fn profile(&self, fields: &str) {
        let (base_url, secure) = (self.sandbox.base_url(), self.sandbox.secure_base_url().unwrap());
        let fields = fields.replace("BASE", base_url).replace("SECURE", secure);
        let id = self.sandbox.oauth2_client().id();
        self.home.config(&format!("[profiles.other]\nprovider = \"oauth2\"\nclient_id = \"{id}\"\n{fields}\n"));
    }

    async fn get(&self) -> Output {
        let mut command = self.home.command(&["get", "other", "--scope", "orders.read"]);
        command.env("SSL_CERT_FILE", self.home.config_folder().join("root.pem"));
        self.home.finish(command, "").await
    }
}

const SECRET: &str = "client_secret = { file = \"secret\" }";

#[tokio::test(flavor = "multi_thread")]
async fn a_client_authenticates_with_a_secret_in_each_way() {
    let client = Client::new().await;
    for (authentication, wanted) in [
        ("", "client_secret_basic"),
        ("authentication = \"basic\"", "client_secret_basic"),
        ("authentication = \"basic_raw\"", "client_secret_basic"),
        ("authentication = \"form\"", "client_secret_post"),
    ] {
        for server in
            ["token_url = \"BASE/generic/token\"", "issuer = \"BASE/generic\"", "token_url = \"SECURE/generic/token\""]
        {
            client.profile(&format!("{server}\n{authentication}\n{SECRET}"));
            client.home.run(&["logout", "other"]).await.success();
            let first = client.get().await;
            assert_eq!(authenticated(&first), wanted, "{server}");
            assert_eq!(client.get().await.success(), first.success(), "{server}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_authenticates_with_a_private_key_that_may_be_replaced() {
    let mut client = Client::new().await;
    for algorithm in ["ES256", "RS256", "EdDSA"] {
        let key = client.sandbox.oauth2_client().new_key(algorithm).unwrap();
        client.home.write("key.pem", &key.pem, 0o600);
        client.home.hide(key.pem.lines().nth(1).unwrap());
        let key_id = &key.key_id;
        for server in
            ["token_url = \"BASE/generic/token\"", "issuer = \"BASE/generic\"\nassertion_audience = \"BASE/generic\""]
        {
            client.profile(&format!(
                "{server}\nauthentication = \"private_key_jwt\"\nprivate_key = {{ file = \"key.pem\" }}\nkey_id = \"{key_id}\"\n\
                 algorithm = \"{algorithm}\""
            ));
            let first = client.get().await;
            assert_eq!(authenticated(&first), "private_key_jwt", "{algorithm} {server}");
            assert_eq!(client.get().await.success(), first.success());
        }
    }
    // Each key has tokens of its own, at each of two servers.
    assert_eq!(client.sandbox.oauth2().issued(), 6);
    client.profile(
        "token_url = \"BASE/generic/token\"\nauthentication = \"private_key_jwt\"\nprivate_key = { file = \"root.pem\", \
         readable_by_others = true }",
    );
    let output = client.get().await;
    assert!(output.failure(2).contains("private key"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_authenticates_with_a_certificate() {
    let mut client = Client::new().await;
    let registered = client.sandbox.oauth2_client();
    for wanted in ["tls_client_auth", "self_signed_tls_client_auth"] {
        let is_issued = wanted == "tls_client_auth";
        let pem = if is_issued { registered.new_certificate() } else { registered.new_self_signed_certificate() };
        let pem = pem.unwrap();
        client.home.write("chain.pem", &pem.chain, 0o644);
        client.home.write("key.pem", &pem.key, 0o600);
        client.home.hide(pem.key.lines().nth(1).unwrap());
        for server in ["token_url = \"SECURE/generic/token\"", "issuer = \"BASE/generic\""] {
            client.profile(&format!(
                "{server}\nauthentication = \"certificate\"\ncertificate = \"chain.pem\"\nprivate_key = {{ file = \"key.pem\" }}"
            ));
            client.home.run(&["logout", "other"]).await.success();
            assert_eq!(authenticated(&client.get().await), wanted, "{server}");
        }
    }
    client.profile(
        "token_url = \"BASE/generic/token\"\nauthentication = \"certificate\"\ncertificate = \"chain.pem\"\nprivate_key = { file = \
         \"key.pem\" }",
    );
    assert!(client.get().await.failure(2).contains("a client certificate needs a token URL with https"));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_sent_with_the_form() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let mut home = Home::new();
    let client = sandbox.oauth2_client();
    home.secret("secret", &client.secret());
    home.config(&format!(
        "[profiles.other]\nprovider = \"oauth2\"\ntoken_url = \"{}/generic/token\"\nclient_id = \"{}\"\n{SECRET}\n\
         parameters = {{ audience = \"https://api.example.com\", resource = [\"urn:a\", \"urn:b\"] }}\n",
        sandbox.base_url(),
        client.id()
    ));
    home.run(&["get", "other"]).await.success();
    let form = sandbox.oauth2().recorded().pop().unwrap().form();
    for wanted in [("audience", "https://api.example.com"), ("resource", "urn:a"), ("resource", "urn:b")] {
        assert!(form.iter().any(|(name, value)| (name.as_ref(), value.as_ref()) == wanted), "{form:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_without_metadata_is_a_mistake_of_the_configuration() {
    let client = Client::new().await;
    client.profile(&format!("issuer = \"BASE/nothing\"\n{SECRET}"));
    let output = client.get().await;
    assert!(output.failure(2).contains("check the issuer, or set the token URL instead"), "{output:?}");
    client.profile(&format!("issuer = \"BASE/generic\"\ntoken_url = \"BASE/generic/token\"\n{SECRET}"));
    assert!(client.get().await.failure(2).contains("name one of them"));
    client.profile(SECRET);
    assert!(client.get().await.failure(2).contains("`token_url` or `issuer` is missing"));
}
