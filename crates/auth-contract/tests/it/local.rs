//! The run against the unchanged sandbox.

use auth_contract::{Severity, Verdict, agreement, local};
use auth_sandbox::Sandbox;

use crate::common::{documents, findings};

#[tokio::test]
async fn clients_and_sandbox_keep_to_the_documents() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = local(&documents(), &sandbox).await.unwrap();
    let report = &run.report;
    assert_eq!(report.verdict(), Verdict::Conforms, "{}", report.table());
    assert!(report.cases.iter().all(|case| case.exchanges.len() == 1), "one request for each question");
    let servers: Vec<&str> = report.cases.iter().map(|case| case.server.as_str()).collect();
    for server in [
        "https://auth.leantech.me",
        "https://auth.sandbox.ae.leantech.me",
        "https://auth.sandbox.sa.leantech.me",
        "https://app.leanix.net",
        "https://demo-eu.leanix.net",
    ] {
        assert!(servers.contains(&server), "{server} receives requests");
    }
}

#[test]
fn types_and_schemas_accept_and_refuse_the_same_bodies() {
    let reports = agreement(&documents()).unwrap();
    assert_eq!(reports.len(), 7, "every schema of both documents has a type");
    for report in reports {
        assert!(report.samples > 40 && report.differences.is_empty(), "{report:#?}");
        // The bodies that only the types accept are intended, and few.
        assert!(report.null_for_absent + report.any_expires_in + report.list_for_object <= 11, "{report:#?}");
    }
}

#[tokio::test]
async fn gaps_of_the_published_document_are_known_from_the_overlay() {
    let sandbox = Sandbox::start().await.unwrap();
    let report = local(&documents(), &sandbox).await.unwrap().report;
    let found = findings(&report);
    for known in [
        "known: server, body: `scope` is not mentioned (specs/lean-auth.yaml:78 #/components/schemas/TokenResponse",
        "known: server, body: is sent, but the document describes none (specs/lean-auth.yaml:51 #/paths/~1oauth2~1token/post/responses/400)",
        "known: server, body: is sent, but the document describes none (specs/lean-auth.yaml:53 #/paths/~1oauth2~1token/post/responses/401)",
    ] {
        assert!(found.iter().any(|found| found.starts_with(known)), "{known} in {found:#?}");
    }
    let severities = report.cases.iter().flat_map(|case| &case.findings).map(|finding| finding.severity);
    assert!(severities.into_iter().all(|severity| severity == Severity::Known), "{found:#?}");
}
