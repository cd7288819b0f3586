//! The page in a real browser.

use auth_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::{browser::Browser, common::*};

/// A scope that would run a script if the page wrote it as HTML.
const HOSTILE: &str = "<img src=x onerror=\"window.hacked=1\">";

async fn opened() -> (Sandbox, Browser) {
    let sandbox = Sandbox::builder().control_over_http().start().await.unwrap();
    let browser = block_in_place(|| {
        let mut browser = Browser::start();
        browser.open(sandbox.base_url());
        browser.until("document.querySelectorAll('.provider').length > 0");
        browser
    });
    (sandbox, browser)
}

/// Clicks an element.
fn click(browser: &mut Browser, selector: &str) {
    block_in_place(|| {
        let selector = json!(selector);
        browser.until(&format!("document.querySelector({selector}) !== null"));
        browser.evaluate(&format!("document.querySelector({selector}).click()"));
    });
}

/// Waits until a script returns true.
fn until(browser: &mut Browser, script: &str) {
    block_in_place(|| browser.until(script));
}

fn evaluate(browser: &mut Browser, script: &str) -> Value {
    block_in_place(|| browser.evaluate(script))
}

/// The switch of a fault of Lean's token endpoint.
fn switch(fault: &str) -> String {
    format!("[data-provider=lean] fieldset:first-child [data-fault='{fault}']")
}

/// Waits until the switch has this state.
fn is_on(browser: &mut Browser, fault: &str, on: bool) {
    let selector = json!(switch(fault));
    until(browser, &format!("document.querySelector({selector}).getAttribute('aria-checked') === '{on}'"));
}

/// A script that returns true if a row of a table has all these texts.
fn row_has(table: &str, texts: &[&str]) -> String {
    let texts = json!(texts);
    format!(
        "[...document.querySelectorAll('#{table} tbody tr')].some(row => {texts}.every(text => row.textContent.includes(text)))"
    )
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn a_switch_makes_token_requests_fail_until_it_is_off() {
    let (sandbox, mut browser) = opened().await;
    is_on(&mut browser, "503", false);
    click(&mut browser, &switch("503"));
    is_on(&mut browser, "503", true);
    until(&mut browser, "document.querySelector('[data-provider=lean] .brief').textContent.includes('faults are set')");
    assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().status(), 503);
    until(&mut browser, &row_has("requests", &["503", "POST /oauth2/token", "grant_type=client_credentials"]));

    click(&mut browser, &switch("slow, 3 s"));
    is_on(&mut browser, "slow, 3 s", true);
    is_on(&mut browser, "503", false);
    click(&mut browser, &switch("no expires_in"));
    is_on(&mut browser, "no expires_in", true);
    let answer = json(lean_request(&sandbox, "api").send().await.unwrap()).await;
    assert_eq!((&answer["expires_in"], answer["access_token"].is_string()), (&Value::Null, true));

    click(&mut browser, &switch("no expires_in"));
    is_on(&mut browser, "no expires_in", false);
    assert_eq!(json(lean_request(&sandbox, "api").send().await.unwrap()).await["expires_in"], 3599);
    until(&mut browser, &row_has("requests", &["200", "POST /oauth2/token", "api"]));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn each_switch_shows_the_state_that_it_sets() {
    let (_sandbox, mut browser) = opened().await;
    let names = "[...document.querySelectorAll('fieldset')].flatMap((set, at) => \
                 [...set.querySelectorAll('[role=switch]')].map(button => `${at} ${button.dataset.fault}`))";
    let names = evaluate(&mut browser, names);
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.len() >= 60, "{names:?}");
    for name in names {
        let (at, fault) = name.split_once(' ').unwrap();
        let button = format!("document.querySelectorAll('fieldset')[{at}].querySelector(`[data-fault='{fault}']`)");
        let state = format!("{button}.getAttribute('aria-checked')");
        evaluate(&mut browser, &format!("{button}.click()"));
        until(&mut browser, &format!("{state} === 'true'"));
        let others =
            format!("document.querySelectorAll('fieldset')[{at}].querySelectorAll('[aria-checked=true]').length === 1");
        until(&mut browser, &others);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn tokens_are_shown_and_revoked() {
    let (sandbox, mut browser) = opened().await;
    let first = token_of(lean_request(&sandbox, "api")).await;
    let second = token_of(lean_request(&sandbox, CUSTOMER)).await;
    let id = |token: &str| claims(token)["jti"].as_str().unwrap().to_owned();
    until(&mut browser, &row_has("tokens", &["live", "lean", "api", &id(&first)]));
    until(&mut browser, &row_has("tokens", &["live", "lean", CUSTOMER, &id(&second)]));

    click(&mut browser, &format!("button[aria-label='Revoke {}']", id(&first)));
    until(&mut browser, &row_has("tokens", &["revoked", &id(&first)]));
    assert_eq!(ask(&sandbox.lean(), &first).await.status(), 401);
    until(&mut browser, &row_has("requests", &["401", "GET /customers/v1", "invalid_token", "Authorization: bearer"]));

    click(&mut browser, "#revoke-all");
    until(&mut browser, &row_has("tokens", &["revoked", &id(&second)]));
    assert_eq!(ask(&sandbox.lean(), &second).await.status(), 401);
    let page = evaluate(&mut browser, "document.documentElement.outerHTML");
    let page = page.as_str().unwrap();
    assert!(!page.contains(&first) && !page.contains(&sandbox.lean_client_secret()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn lifetimes_credentials_scripts_and_the_reset_are_set_with_forms() {
    let (sandbox, mut browser) = opened().await;
    let lean = "document.querySelector('[data-provider=lean]')";
    evaluate(
        &mut browser,
        &format!(
            "{lean}.querySelector('.lifetime input').value = 77; {lean}.querySelector('.lifetime button').click()"
        ),
    );
    until(&mut browser, &format!("{lean}.querySelector('.counts').textContent.includes('77')"));
    assert_eq!(json(lean_request(&sandbox, "api").send().await.unwrap()).await["expires_in"], 77);

    let before = sandbox.lean_client_secret();
    click(&mut browser, "[data-provider=lean] .generate");
    let generated = evaluate(&mut browser, &format!("{lean}.querySelector('.credential input').value"));
    click(&mut browser, "[data-provider=lean] .credential button:not(.generate)");
    until(&mut browser, "document.getElementById('message').textContent.includes('only the new client_secret')");
    assert_eq!(sandbox.lean_client_secret(), generated.as_str().unwrap());

    let custom = |script: &str| {
        format!(
            "{lean}.querySelector('.custom textarea').value = {}; {lean}.querySelector('.custom button').click()",
            json!(script)
        )
    };
    evaluate(&mut browser, &custom(r#"{ "always": { "reply": { "status": 42 } } }"#));
    until(&mut browser, "document.getElementById('message').textContent.startsWith('always.reply.status: must be')");
    evaluate(&mut browser, &custom(r#"{ "next": [{ "times": 2, "reply": { "status": 418 } }] }"#));
    until(&mut browser, &format!("{lean}.querySelector('output').textContent === 'next 2: status 418; then: normal'"));
    assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().status(), 418);
    until(&mut browser, &format!("{lean}.querySelector('output').textContent === 'next 1: status 418; then: normal'"));

    click(&mut browser, "#reset");
    until(&mut browser, "document.querySelectorAll('#requests tbody tr, #tokens tbody tr').length === 0");
    assert_eq!(sandbox.lean_client_secret(), before);
    assert_eq!(json(lean_request(&sandbox, "api").send().await.unwrap()).await["expires_in"], 3599);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn text_of_a_client_is_never_html() {
    let (sandbox, mut browser) = opened().await;
    assert_eq!(refusal(lean_request(&sandbox, HOSTILE)).await, (400, "invalid_scope".to_owned()));
    let path = format!("{}/<img/src=x/onerror=window.hacked=1>", sandbox.base_url());
    client().get(path).send().await.unwrap();
    until(&mut browser, &row_has("requests", &["400", HOSTILE, "invalid_scope"]));
    until(&mut browser, &row_has("requests", &["404"]));
    // This server grants any scope.
    let scope = "<img/src=x/onerror=window.hacked=1>";
    let form = format!("grant_type=client_credentials&scope={}", encoded(scope));
    let client = sandbox.oauth2_client();
    let request =
        post(&sandbox.oauth2().token_url(), form).header("authorization", basic(&client.id(), &client.secret()));
    assert_eq!(request.send().await.unwrap().status(), 200);
    until(&mut browser, &row_has("tokens", &["live", "oauth2", scope]));
    assert_eq!(evaluate(&mut browser, "window.hacked ?? document.querySelectorAll('img').length"), 0);
    // The policy of the page forbids it even where the code would be wrong.
    let refused = "try { document.body.innerHTML = '<b>x</b>'; 'written' } catch (error) { error.name }";
    assert_eq!(evaluate(&mut browser, refused), "TypeError");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn the_page_works_by_keyboard_and_fits_a_phone() {
    let (sandbox, mut browser) = opened().await;
    lean_request(&sandbox, &"x".repeat(90)).send().await.unwrap();
    token_of(lean_request(&sandbox, &format!("api {CUSTOMER}"))).await;
    until(&mut browser, "document.querySelectorAll('#requests tbody tr').length === 2");
    until(&mut browser, "document.querySelectorAll('#tokens tbody tr').length === 1");
    for (width, dark) in [(360, true), (360, false), (1280, true)] {
        let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        block_in_place(|| browser.command("Emulation.setDeviceMetricsOverride", metrics));
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        block_in_place(|| browser.command("Emulation.setEmulatedMedia", media));
        evaluate(&mut browser, "document.querySelectorAll('details').forEach(fold => fold.open = true)");
        let outside = "[...document.querySelectorAll('body *')].filter(it => \
                       it.getBoundingClientRect().right > innerWidth + 0.5).map(it => it.tagName + '.' + it.className).join(' ')";
        assert_eq!(evaluate(&mut browser, outside), "", "at {width} px");
        let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(evaluate(&mut browser, beyond), 0, "at {width} px");
        let brightness =
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b) < 300";
        assert_eq!(evaluate(&mut browser, brightness), dark, "{scheme}");
    }

    // The first switch, reached and pressed with keys only.
    let mut presses = 0;
    let reached = json!(switch("503"));
    while evaluate(&mut browser, &format!("document.activeElement === document.querySelector({reached})")) != true {
        presses += 1;
        assert!(presses < 20, "the switch is reached with the tabulator");
        press(&mut browser, "Tab", 9);
    }
    let outlined = evaluate(&mut browser, "getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outlined, "solid", "the focus is visible");
    press(&mut browser, " ", 32);
    is_on(&mut browser, "503", true);
    // Updates leave the focus where it is.
    assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().status(), 503);
    until(&mut browser, "document.querySelectorAll('#requests tbody tr').length === 3");
    assert_eq!(evaluate(&mut browser, &format!("document.activeElement === document.querySelector({reached})")), true);
}

fn press(browser: &mut Browser, key: &str, code: u32) {
    for kind in ["keyDown", "keyUp"] {
        let text = if key == " " { " " } else { "" };
        let event = json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
        block_in_place(|| browser.command("Input.dispatchKeyEvent", event));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn the_page_says_that_the_sandbox_is_gone() {
    let (sandbox, mut browser) = opened().await;
    until(&mut browser, "document.getElementById('connection').textContent === 'connected'");
    sandbox.shutdown().await;
    until(&mut browser, "document.getElementById('connection').textContent.includes('does not answer')");
}
