//! The server for RFC 6749: every client authentication, and every rule violated one at a time.

use crate::common::*;
use auth_sandbox::{ClientKey, Sandbox, Step, TokenReply};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::{Certificate, Identity, Response};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A form for the grant and these further fields.
fn form(fields: &[(&str, &str)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
    "grant_type=client_credentials".to_owned() + &fields.collect::<String>()
}

async fn send(sandbox: &Sandbox, fields: &[(&str, &str)]) -> Response {
    post(&sandbox.oauth2().token_url(), form(fields)).send().await.unwrap()
}

/// Status, code and description of a refusal.
async fn refusal(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let body = json(response).await;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (status, text("error"), text("error_description"))
}

/// The claims of the token in a response.
async fn claims(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    let body = json(response).await;
    let token = body["access_token"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Claims that the server accepts, until they are changed.
fn good_claims(sandbox: &Sandbox, id: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let client = sandbox.oauth2_client().id();
    json!({ "iss": client, "sub": client, "aud": sandbox.oauth2().issuer(), "jti": id, "iat": now, "exp": now + 60 })
}

fn signed(key: &ClientKey, header: &Value, claims: &Value) -> String {
    let base64: String = key.pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(base64).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn the_secret_is_accepted_by_basic_and_in_the_form_and_not_in_both() {
    let sandbox =
        Sandbox::builder().oauth2_client_id("my app").oauth2_client_secret("s3cret/+%").start().await.unwrap();
    let url = sandbox.oauth2().token_url();
    let in_form = [("client_id", "my app"), ("client_secret", "s3cret/+%"), ("scope", "a b")];
    let claims_of_form = claims(send(&sandbox, &in_form).await).await;
    assert_eq!(claims_of_form["client_authentication"], "client_secret_post");
    assert_eq!((&claims_of_form["iss"], &claims_of_form["scope"]), (&sandbox.oauth2().issuer().into(), &"a b".into()));
    let header = basic("my app", "s3cret/+%");
    let by_basic = post(&url, form(&[])).header("authorization", &header).send().await.unwrap();
    assert_eq!(claims(by_basic).await["client_authentication"], "client_secret_basic");

    let raw = format!("Basic {}", STANDARD.encode("my app:s3cret/+%"));
    let wrong = post(&url, form(&[])).header("authorization", raw).send().await.unwrap();
    assert!(wrong.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    assert_eq!(refusal(wrong).await.1, "invalid_client");
    let both = post(&url, form(&in_form)).header("authorization", header).send().await.unwrap();
    assert_eq!(refusal(both).await.0, 400);
    let wrong = send(&sandbox, &[("client_id", "my app"), ("client_secret", "other")]).await;
    assert_eq!(refusal(wrong).await, (401, "invalid_client".to_owned(), String::new()));
    assert_eq!(refusal(send(&sandbox, &[("client_id", "my app")]).await).await.0, 401);
    sandbox.oauth2_client().set_secret("new");
    assert_eq!(send(&sandbox, &[("client_id", "my app"), ("client_secret", "new")]).await.status(), 200);
    sandbox.oauth2_client().accept_only(["client_secret_basic"]);
    let text = refusal(send(&sandbox, &[("client_id", "my app"), ("client_secret", "new")]).await).await.2;
    assert_eq!(text, "the client must not use client_secret_post");
}

#[tokio::test]
async fn audience_and_resource_become_claims_and_may_be_repeated() {
    let sandbox = sandbox().await;
    let (id, secret) = (sandbox.oauth2_client().id(), sandbox.oauth2_client().secret());
    let with = async |fields: &[(&str, &str)]| {
        let fields = [&[("client_id", &*id), ("client_secret", &*secret)], fields].concat();
        send(&sandbox, &fields).await
    };
    assert_eq!(claims(with(&[]).await).await["aud"], sandbox.oauth2().issuer());
    assert_eq!(claims(with(&[("audience", "https://a")]).await).await["aud"], "https://a");
    let several = claims(with(&[("resource", "https://a"), ("resource", "https://b")]).await).await;
    assert_eq!(several["aud"], json!(["https://a", "https://b"]));
    assert_eq!(refusal(with(&[("scope", "a"), ("scope", "b")]).await).await.0, 400);
    assert_eq!(refusal(with(&[("scope", "a  b")]).await).await.1, "invalid_scope");
}

#[tokio::test]
async fn an_assertion_that_breaks_a_rule_is_refused_by_that_rule() {
    let sandbox = sandbox().await;
    let client = sandbox.oauth2_client();
    let key = client.new_key("ES256").unwrap();
    let header = json!({ "alg": "ES256", "kid": key.key_id });
    let present = async |assertion: &str| {
        send(&sandbox, &[("client_assertion_type", TYPE), ("client_assertion", assertion)]).await
    };
    let good = signed(&key, &header, &good_claims(&sandbox, "1"));
    assert_eq!(claims(present(&good).await).await["client_authentication"], "private_key_jwt");
    assert_eq!(refusal(present(&good).await).await.2, "jti of the assertion has been used before");

    let now = good_claims(&sandbox, "")["iat"].as_u64().unwrap();
    for (member, value, wanted) in [
        ("iss", "other".into(), "iss and sub of the assertion must be the client id"),
        ("sub", "other".into(), "iss and sub of the assertion must be the client id"),
        ("aud", sandbox.base_url().into(), "aud of the assertion must be the issuer or the URL of the token endpoint"),
        ("aud", json!([]), "aud of the assertion must be the issuer or the URL of the token endpoint"),
        ("exp", now.into(), "the assertion has expired"),
        ("exp", (now + 400).into(), "exp of the assertion is more than five minutes ahead"),
        ("iat", (now + 60).into(), "the assertion is not yet valid"),
        ("nbf", (now + 60).into(), "the assertion is not yet valid"),
        ("jti", "".into(), "jti of the assertion has been used before"),
        ("jti", Value::Null, "the assertion is not a signed JSON Web Token with iss, sub, aud, jti and exp"),
    ] {
        let mut claims = good_claims(&sandbox, &format!("{member} {value}"));
        claims[member] = value;
        let found = refusal(present(&signed(&key, &header, &claims)).await).await;
        assert_eq!(found, (401, "invalid_client".to_owned(), wanted.to_owned()), "{claims}");
    }
    let other = client.new_key("ES256").unwrap();
    let wrong_key = signed(&key, &json!({ "alg": "ES256" }), &good_claims(&sandbox, "2"));
    assert!(refusal(present(&wrong_key).await).await.2.starts_with("the signature of the assertion is wrong"));
    let old_id = signed(&other, &header, &good_claims(&sandbox, "3"));
    assert!(refusal(present(&old_id).await).await.2.starts_with("kid of the assertion names another key"));
    for header in [json!({ "alg": "none" }), json!({ "alg": "ES384" }), json!({ "alg": "HS256" })] {
        let text = refusal(present(&signed(&other, &header, &good_claims(&sandbox, "4"))).await).await.2;
        assert!(text.starts_with("the signature of the assertion is wrong, or its algorithm"), "{header}");
    }
    let critical = signed(&other, &json!({ "alg": "ES256", "crit": ["b64"] }), &good_claims(&sandbox, "5"));
    assert_eq!(refusal(present(&critical).await).await.2, "the assertion has a critical extension (crit)");
    for text in ["", "a", "a.b", "a.b.c"] {
        assert_ne!(present(text).await.status(), 200, "{text}");
    }
    let untyped = signed(&other, &json!({ "alg": "ES256" }), &good_claims(&sandbox, "6"));
    assert_eq!(refusal(send(&sandbox, &[("client_assertion", &untyped)]).await).await.0, 400);
}

#[tokio::test]
async fn the_metadata_document_is_at_both_paths_and_says_what_is_registered() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let issuer = sandbox.oauth2().issuer();
    let (origin, path) = issuer.split_at(sandbox.base_url().len());
    let urls = [
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{issuer}/.well-known/openid-configuration"),
    ];
    let document = async |url: &str| json(client().get(url).send().await.unwrap()).await;
    for url in &urls {
        let document = document(url).await;
        assert_eq!(
            (&document["issuer"], &document["token_endpoint"]),
            (&issuer.clone().into(), &sandbox.oauth2().token_url().into())
        );
        assert_eq!(
            document["token_endpoint_auth_methods_supported"],
            json!(["client_secret_basic", "client_secret_post"])
        );
        let alias = document["mtls_endpoint_aliases"]["token_endpoint"].as_str().unwrap();
        assert_eq!(alias, format!("{}/generic/token", sandbox.secure_base_url().unwrap()));
    }
    sandbox.oauth2_client().new_key("RS256").unwrap();
    sandbox.oauth2_client().accept_only(["private_key_jwt"]);
    let second = document(&urls[1]).await;
    assert_eq!(second["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
    assert_eq!(second["token_endpoint_auth_signing_alg_values_supported"], json!(["RS256", "PS256"]));
    let script = sandbox.oauth2_client().metadata_script();
    script
        .push(Step::status(503))
        .push(TokenReply::new().member("issuer", "https://other.example").without("token_endpoint"));
    assert_eq!(client().get(&urls[0]).send().await.unwrap().status(), 503);
    let changed = document(&urls[0]).await;
    assert_eq!((&changed["issuer"], changed.get("token_endpoint")), (&"https://other.example".into(), None));
    assert_eq!(client().post(&urls[0]).send().await.unwrap().status(), 405);
    assert_eq!((sandbox.oauth2_client().metadata_requests(), sandbox.oauth2().requests()), (6, 0));
}

/// A client that trusts the sandbox and presents this certificate.
fn presenting(sandbox: &Sandbox, pem: Option<String>) -> reqwest::Client {
    let root = Certificate::from_pem(sandbox.root_pem().unwrap().as_bytes()).unwrap();
    let builder = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30));
    let builder = builder.tls_certs_only([root]);
    match pem {
        Some(pem) => builder.identity(Identity::from_pem(pem.as_bytes()).unwrap()).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

#[tokio::test]
async fn a_client_certificate_is_accepted_by_name_or_thumbprint_with_its_client_id() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let registered = sandbox.oauth2_client();
    let id = registered.id();
    let url = format!("{}/generic/token", sandbox.secure_base_url().unwrap());
    let request = async |pem: Option<String>, id: &str| {
        let request = presenting(&sandbox, pem).post(&url).header("content-type", FORM);
        request.body(form(&[("client_id", id)])).send().await.unwrap()
    };
    let one = registered.new_certificate().unwrap();
    let one = format!("{}{}", one.chain, one.key);
    let token = claims(request(Some(one.clone()), &id).await).await;
    assert_eq!(token["client_authentication"], "tls_client_auth");
    assert_eq!(token["cnf"]["x5t#S256"].as_str().unwrap().len(), 43);
    assert_eq!(refusal(request(Some(one.clone()), "other").await).await.0, 401);
    assert_eq!(refusal(request(None, &id).await).await.2, "the request does not authenticate the client");
    let two = registered.new_self_signed_certificate().unwrap();
    let two = format!("{}{}", two.chain, two.key);
    assert_eq!(claims(request(Some(two), &id).await).await["client_authentication"], "self_signed_tls_client_auth");
    assert_eq!(refusal(request(Some(one), &id).await).await.0, 401, "the first is no longer registered");
    assert_eq!(refusal(send(&sandbox, &[("client_id", &id)]).await).await.0, 401, "without TLS");
    assert!(Sandbox::start().await.unwrap().oauth2_client().new_certificate().is_err());
}

#[tokio::test]
async fn tokens_are_accepted_by_the_resource_over_both_transports_until_they_are_revoked() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let (id, secret) = (sandbox.oauth2_client().id(), sandbox.oauth2_client().secret());
    let token = json(send(&sandbox, &[("client_id", &id), ("client_secret", &secret)]).await).await;
    let token = token["access_token"].as_str().unwrap();
    let url = sandbox.oauth2().resource_url();
    let get = async |token: &str| client().get(&url).bearer_auth(token).send().await.unwrap();
    assert_eq!(json(get(token).await).await, json!({ "status": "OK" }));
    let secure = url.replace(sandbox.base_url(), sandbox.secure_base_url().unwrap());
    assert_eq!(presenting(&sandbox, None).get(secure).bearer_auth(token).send().await.unwrap().status(), 200);
    assert!(sandbox.revoke(token));
    assert_eq!(refusal(get(token).await).await.1, "invalid_token");
}
