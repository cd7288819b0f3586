//! The backend for Lean's LinkSDK, tested as its users and their browsers see it.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use auth_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use browser::{Browser, Process};
use markers::Markers;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

mod browser;

/// Waits with a deadline, shared with the integration tests.
#[allow(dead_code, unreachable_pub, reason = "the integration tests use all of it, and from other crates")]
#[path = "../../../tests/src/deadlines.rs"]
mod deadlines;

/// The search for secrets, shared with the integration tests.
#[allow(unreachable_pub, reason = "it is a crate's own there")]
#[path = "../../../tests/src/markers.rs"]
mod markers;

const CLIENT_SECRET: &str = "MARKER7q2ZxV9kLmW4tB8d";

/// The customers of the two users.
const AMINA: &str = "a1b2c3d4-e5f6-7890-abcd-ef0123456789";
const BADR: &str = "b2c3d4e5-f6a7-4890-8bcd-f01234567890";

/// The program and all its responses.
struct Program {
    sandbox: Sandbox,
    _process: Process,
    /// Its address, through a listener that records the responses.
    url: String,
    /// Bytes of the responses, one element for each connection.
    answers: Arc<Mutex<Vec<Vec<u8>>>>,
    logins: Vec<Login>,
}

/// The fields of the login form.
struct Login {
    user: String,
    password: String,
}

impl Program {
    /// Starts the program. Cargo builds the examples of a package together with its tests, but not for `--test
    /// link_sdk` alone.
    async fn start() -> Self {
        let sandbox = Sandbox::builder().lean_client_secret(CLIENT_SECRET).start().await.unwrap();
        let mut path = env::current_exe().unwrap();
        path.pop();
        path.set_file_name(PathBuf::from("examples").join(format!("link_sdk{}", env::consts::EXE_SUFFIX)));
        let mut process = Command::new(path)
            .env("LEAN_AUTH_URL", sandbox.base_url())
            .env("LEAN_CLIENT_ID", sandbox.lean_client_id())
            .env("LEAN_CLIENT_SECRET", CLIENT_SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Process)
            .unwrap();
        let stdout = BufReader::new(process.0.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut lines = std::iter::from_fn(|| receiver.recv_timeout(Duration::from_secs(60)).ok());
        let address = lines.next().unwrap().strip_prefix("open http://").unwrap().parse().unwrap();
        let login = |line: String| {
            let (user, password) = line.strip_prefix("log in as ").unwrap().split_once(" with ").unwrap();
            Login { user: user.to_owned(), password: password.to_owned() }
        };
        let logins = lines.take(2).map(login).collect();
        let answers = Arc::default();
        let url = format!("http://{}", keep_answers(address, Arc::clone(&answers)).await);
        Self { sandbox, _process: process, url, answers, logins }
    }

    /// All responses so far.
    fn answers(&self) -> String {
        String::from_utf8_lossy(&self.answers.lock().unwrap().concat()).into_owned()
    }

    /// Sends a request with the cookie of a session, if there is one.
    async fn send(&self, method: &str, path: &str, cookie: Option<&str>, form: String) -> Response {
        let client = Client::builder().no_proxy().redirect(Policy::none());
        let client = client.timeout(Duration::from_secs(60)).build().unwrap();
        let mut request = client
            .request(method.parse().unwrap(), format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        request.send().await.unwrap()
    }

    /// Logs in, and returns the cookie.
    async fn log_in(&self, login: &Login, cookie: Option<&str>) -> String {
        let answer = self.send("POST", "/login", cookie, login.form()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let set = answer.headers()["set-cookie"].to_str().unwrap();
        for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(set.split("; ").any(|part| part == attribute), "{attribute} in {set}");
        }
        set.split("; ").next().unwrap().to_owned()
    }

    async fn token(&self, cookie: Option<&str>) -> Response {
        self.send("GET", "/lean/token", cookie, String::new()).await
    }
}

impl Login {
    fn form(&self) -> String {
        format!("user={}&password={}", self.user, self.password)
    }
}

/// Forwards connections from the returned address, and records the responses.
async fn keep_answers(address: SocketAddr, answers: Arc<Mutex<Vec<Vec<u8>>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own_address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let far = TcpStream::connect(address).await.unwrap();
                let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.into_split(), far.into_split());
                tokio::spawn(async move { tokio::io::copy(&mut from_near, &mut to_far).await });
                let number = {
                    let mut answers = answers.lock().unwrap();
                    answers.push(Vec::new());
                    answers.len() - 1
                };
                let mut buffer = vec![0; 4096];
                while let Ok(length @ 1..) = from_far.read(&mut buffer).await {
                    answers.lock().unwrap()[number].extend_from_slice(&buffer[..length]);
                    if to_near.write_all(&buffer[..length]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    own_address
}

/// The scope of a token, from its claims.
fn scope(token: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["scope"].clone()
}

/// The tokens in the responses.
fn tokens(answers: &str) -> Vec<String> {
    let parts = answers.split(r#""access_token":""#).skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_user_gets_a_token_for_their_own_customer() {
    let program = Program::start().await;
    for (login, customer) in program.logins.iter().zip([AMINA, BADR]) {
        let cookie = program.log_in(login, None).await;
        let answer = program.token(Some(&cookie)).await;
        assert_eq!(
            (answer.status(), &answer.headers()["cache-control"]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(answer["customer_id"], customer);
        assert!(answer["expires_in"].as_u64().unwrap() >= 600);
        assert_eq!(scope(answer["access_token"].as_str().unwrap()), json!([format!("customer.{customer}")]));
        assert_eq!(program.sandbox.lean().requests_for(&format!("customer.{customer}")), 1);
    }
    assert_eq!(program.sandbox.lean().requests(), 2);
    assert_eq!(Markers::new([("the client secret", CLIENT_SECRET)]).find_in(&program.answers()), None);
}

#[tokio::test]
async fn without_a_login_there_is_no_token() {
    let program = Program::start().await;
    let [amina, _] = &program.logins[..] else { panic!("two users") };
    let wrong = Login { user: amina.user.clone(), password: "wrong".to_owned() };
    let refused = program.send("POST", "/login", None, wrong.form()).await;
    assert_eq!((refused.status(), refused.headers().get("set-cookie")), (StatusCode::UNAUTHORIZED, None));

    let before = program.log_in(amina, None).await;
    let after = program.log_in(amina, Some(&before)).await;
    assert_ne!(before, after, "a login ends the session that was known before it");
    let ended = program.log_in(amina, None).await;
    assert_eq!(program.send("POST", "/logout", Some(&ended), String::new()).await.status(), StatusCode::SEE_OTHER);

    for cookie in [None, Some("session=AAAAAAAAAAAAAAAAAAAAAA"), Some(&*before), Some(&*ended), Some("user=amina")] {
        let answer = program.token(cookie).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.bytes().await.unwrap().len(), 0);
    }
    assert_eq!(program.sandbox.lean().requests(), 0);
    assert_eq!(program.token(Some(&after)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_expires_too_soon_is_not_returned() {
    let program = Program::start().await;
    program.sandbox.lean().set_lifetime(Duration::from_secs(599));
    let cookie = program.log_in(&program.logins[0], None).await;
    let answer = program.token(Some(&cookie)).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((answer.bytes().await.unwrap().len(), program.sandbox.lean().issued()), (0, 1));
}

/// Opens the program in a browser.
fn browse(program: &Program) -> Browser {
    let mut browser = Browser::start();
    browser.open(&program.url);
    browser
}

/// Fills in and submits the login form.
fn log_in(browser: &mut Browser, login: &Login) {
    let Login { user, password } = login;
    browser.follow(&format!(
        "const form = document.querySelector('form[action=\"/login\"]');
        form.user.value = '{user}'; form.password.value = '{password}'; form.querySelector('button').click();"
    ));
}

fn log_out(browser: &mut Browser) {
    browser.follow("document.querySelector('form[action=\"/logout\"] button').click();");
}

/// The text of an element of the page, after the page has the result of its token request.
fn text(browser: &mut Browser, id: &str) -> Value {
    browser.until("document.getElementById('state')?.textContent !== 'waiting'");
    browser.evaluate(&format!("document.getElementById('{id}')?.textContent"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn in_a_browser_the_page_of_a_user_gets_a_token_for_their_own_customer() {
    let program = Program::start().await;
    let [amina, badr] = &program.logins[..] else { panic!("two users") };
    let mut browser = browse(&program);
    // One browser, one user after the other: a previous user leaves nothing behind, and the cache does not mix up
    // users.
    for (login, customer, issued) in [(amina, AMINA, 1), (badr, BADR, 2), (amina, AMINA, 2)] {
        program.answers.lock().unwrap().iter_mut().for_each(Vec::clear);
        log_in(&mut browser, login);
        assert_eq!(text(&mut browser, "state"), "ready");
        assert_eq!(text(&mut browser, "customer"), customer);
        assert!(text(&mut browser, "expires_in").as_str().unwrap().parse::<u64>().unwrap() >= 600);
        assert_eq!(program.sandbox.lean().issued(), issued);

        let (answers, page) = (program.answers(), browser.evaluate("document.documentElement.outerHTML"));
        let given = tokens(&answers);
        let scopes: Vec<Value> = given.iter().map(|token| scope(token)).collect();
        assert_eq!(scopes, [json!([format!("customer.{customer}")])]);
        let secrets = Markers::new([("the client secret", CLIENT_SECRET)]);
        assert_eq!((secrets.find_in(&answers), secrets.find_in(page.as_str().unwrap())), (None, None));
        assert_eq!(browser.evaluate("document.cookie"), "", "no script reads the session");
        log_out(&mut browser);
    }
    assert_eq!(program.sandbox.lean().requests_for("api"), 0, "no token for the backend was issued");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn in_a_browser_there_is_no_token_without_a_login() {
    let program = Program::start().await;
    let [amina, _] = &program.logins[..] else { panic!("two users") };
    let mut browser = browse(&program);
    let status = |browser: &mut Browser| browser.evaluate("fetch('/lean/token').then((answer) => answer.status)");
    assert_eq!(status(&mut browser), 401);

    log_in(&mut browser, &Login { user: amina.user.clone(), password: "wrong".to_owned() });
    assert_eq!((text(&mut browser, "customer"), status(&mut browser)), (Value::Null, json!(401)));
    assert_eq!((program.sandbox.lean().requests(), tokens(&program.answers()).len()), (0, 0));

    log_in(&mut browser, amina);
    assert_eq!((text(&mut browser, "customer"), status(&mut browser)), (json!(AMINA), json!(200)));
    log_out(&mut browser);
    assert_eq!((text(&mut browser, "customer"), status(&mut browser)), (Value::Null, json!(401)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn in_a_browser_another_site_gets_no_token_of_a_user_who_is_logged_in() {
    let program = Program::start().await;
    let mut browser = browse(&program);
    log_in(&mut browser, &program.logins[0]);
    assert_eq!(text(&mut browser, "state"), "ready");
    let before = tokens(&program.answers()).len();
    // For cookies, another host name is another site, although the same program answers.
    let url = &program.url;
    browser.open(&url.replace("127.0.0.1", "localhost"));
    browser.follow(&format!("location.href = '{url}/lean/token';"));
    let answers = program.answers();
    assert_eq!((tokens(&answers).len(), answers.matches("401 Unauthorized").count()), (before, 1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn in_a_browser_the_page_says_that_there_is_no_token() {
    let program = Program::start().await;
    program.sandbox.lean().set_lifetime(Duration::from_secs(599));
    let mut browser = browse(&program);
    log_in(&mut browser, &program.logins[0]);
    assert_eq!(text(&mut browser, "state"), "failed: no token: status 503");
    assert_eq!(tokens(&program.answers()), Vec::<String>::new());
}
