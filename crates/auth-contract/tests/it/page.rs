//! The page of a report in a real browser, in the width of a phone.

use std::process::Command;

use auth_contract::{Report, Target, local};
use auth_sandbox::{Sandbox, Step, TokenReply};
use integration_tests::within_blocking;

use crate::common::{documents, lean, run};

/// Opens every page in a frame of this width with all details open, and reports the elements that overflow.
const PROBE: &str = r#"<!doctype html><body><iframe src="report.html" style="width:360px;height:60000px;border:0"></iframe><script>
onload = () => {
  const page = document.querySelector('iframe').contentDocument;
  const folds = [...page.querySelectorAll('details')];
  const signs = folds.filter(fold => getComputedStyle(fold.querySelector('summary'), '::before').content !== 'none').length;
  folds.forEach(fold => fold.open = true);
  const inside = element => element.closest('.scroll');
  const out = [...page.querySelectorAll('body *')].filter(it => !inside(it) && it.getBoundingClientRect().right > 360.5);
  const names = out.map(it => it.tagName + '.' + it.className).join(' ');
  document.body.textContent = `width ${page.documentElement.scrollWidth}, folds ${folds.length}, signs ${signs}, out ${names}.`;
};
</script></body>"#;

/// The result of the browser for the page.
fn probed(report: &Report) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("report.html"), report.html().unwrap()).unwrap();
    let probe = folder.path().join("probe.html");
    std::fs::write(&probe, PROBE).unwrap();
    let browser = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
    let mut command = Command::new(browser);
    command
        // Chromium does not start as root without `--no-sandbox`; this test creates everything that it opens.
        .args(["--headless", "--disable-gpu", "--no-first-run", "--no-sandbox", "--allow-file-access-from-files"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(url::Url::from_file_path(&probe).unwrap().as_str());
    let output = within_blocking("the browser has ended", move || command.output().unwrap());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser; `cargo xtask ci` runs it if there is one"]
async fn the_page_fits_a_phone_and_shows_what_can_be_opened() {
    let sandbox = Sandbox::start().await.unwrap();
    let kept = local(&documents(), &sandbox).await.unwrap().report;
    let long = "x".repeat(39);
    let reply = TokenReply::new().member(&long, "a").member("expires_in", "soon");
    sandbox.lean().script().push(reply).push(Step::status(503));
    let broken = run(Target::Lean, true, &lean(&sandbox)).await.unwrap();
    for (report, folds) in [(kept, 14), (broken, 4)] {
        let found = probed(&report);
        let wanted = format!("width 360, folds {folds}, signs {folds}, out .");
        assert!(found.contains(&wanted), "{wanted} in {found:.2000}");
    }
}
