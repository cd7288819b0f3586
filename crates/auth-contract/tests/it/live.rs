//! The run against a server with a given address, like a real one.

use auth_contract::{RunError, Target, Verdict};
use auth_sandbox::{Reply, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::common::{findings, lean, leanix, oauth2, run};

#[tokio::test]
async fn a_real_server_gets_a_handful_of_requests_and_wrong_credentials_only_on_demand() {
    let sandbox = Sandbox::start().await.unwrap();
    for (target, errors, variables, requests, refusals) in [
        (Target::Lean, false, lean(&sandbox), 2, 0),
        (Target::Lean, true, lean(&sandbox), 4, 2),
        (Target::Leanix, false, leanix(&sandbox), 1, 0),
        (Target::Leanix, true, leanix(&sandbox), 2, 1),
    ] {
        let provider = if target == Target::Lean { sandbox.lean() } else { sandbox.leanix() };
        let before = (provider.requests(), provider.refusals());
        let report = run(target, errors, &variables).await.unwrap();
        assert_eq!(report.verdict(), Verdict::Conforms, "{}", report.table());
        let after = (provider.requests(), provider.refusals());
        assert_eq!((after.0 - before.0, after.1 - before.1), (requests, refusals), "{target:?} {errors}");
        assert_eq!(report.cases.len() as u64, requests);
        assert!(findings(&report).iter().any(|found| found.contains("was configured by the user")));
        assert!(report.uncovered.is_empty() && report.types.is_empty());
    }
}

#[tokio::test]
async fn a_missing_variable_is_named_and_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    for (target, all) in [(Target::Lean, lean(&sandbox)), (Target::Leanix, leanix(&sandbox))] {
        for missing in all.keys() {
            let mut variables = all.clone();
            variables.remove(missing);
            let error = run(target, true, &variables).await.unwrap_err();
            assert!(matches!(&error, RunError::Variable { name, .. } if name == missing), "{error}");
            assert!(error.to_string().contains("is not set"), "{error}");
        }
    }
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn any_server_of_rfc_6749_can_be_asked_with_credentials_in_the_form_and_by_basic() {
    let sandbox = Sandbox::builder().leanix_api_token("pw+%/~").start().await.unwrap();
    let (id, secret) = (sandbox.lean_client_id(), sandbox.lean_client_secret());
    let form = oauth2(sandbox.lean().token_url(), &id, &secret, "api", "form");
    let basic = oauth2(sandbox.leanix().token_url(), "apitoken", "pw+%/~", "", "basic");
    for (variables, provider) in [(form, sandbox.lean()), (basic, sandbox.leanix())] {
        let report = run(Target::Oauth2, true, &variables).await.unwrap();
        let found = findings(&report);
        // LeanIX sends a member that is not in the RFC.
        let drift = found.iter().filter(|found| !found.starts_with("note")).count();
        let known = found.iter().filter(|found| found.contains("`expired` is not mentioned")).count();
        assert_eq!((drift, known > 0), (known, provider.vendor() == auth_sandbox::Vendor::LeanIx), "{found:#?}");
        assert_eq!((provider.issued(), provider.refusals()), (1, 1));
    }
}

#[tokio::test]
async fn basic_credentials_are_percent_encoded_or_as_they_are() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let token = json!({ "access_token": "abc", "token_type": "bearer", "expires_in": 60 });
    sandbox.leanix().script().always(Reply::json(200, &token).header("cache-control", "no-store"));
    for (authentication, wanted) in [("basic", "a%3Ab:pw%2B%25%2F"), ("basic-raw", "a:b:pw+%/")] {
        let url = sandbox.leanix().token_url();
        let report = run(Target::Oauth2, false, &oauth2(url, "a:b", "pw+%/", "x y", authentication)).await.unwrap();
        assert_eq!(report.verdict(), Verdict::Conforms, "{}", report.table());
        let sent = sandbox.leanix().recorded().pop().unwrap();
        let sent_credentials = STANDARD.decode(sent.header("authorization").unwrap().replace("Basic ", "")).unwrap();
        assert_eq!(String::from_utf8(sent_credentials).unwrap(), wanted);
        let fields = [("grant_type", "client_credentials"), ("scope", "x y")];
        assert_eq!(sent.form(), fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

#[tokio::test]
async fn every_answer_that_rfc_6749_allows_is_a_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let whole = json!({ "access_token": "abc", "token_type": "Bearer", "expires_in": 3599, "scope": "api" });
    for (member, value) in [
        ("token_type", json!("bearer")),
        ("token_type", json!("BEARER")),
        ("token_type", json!("bEaReR")),
        ("scope", Value::Null),
        ("scope", json!("")),
        ("scope", json!("api")),
        ("scope", json!("more api")),
        ("expires_in", Value::Null),
    ] {
        let mut answer = whole.clone();
        if value.is_null() {
            answer.as_object_mut().unwrap().remove(member);
        } else {
            answer[member] = value;
        }
        sandbox.lean().script().push(Reply::json(200, &answer).header("cache-control", "no-store"));
        let variables = oauth2(sandbox.lean().token_url(), "app", "secret", "api", "form");
        let report = run(Target::Oauth2, false, &variables).await.unwrap();
        assert_eq!(report.verdict(), Verdict::Conforms, "{answer}: {}", report.table());
    }
}
