//! Tests of one scope with concurrent callers, requests and rejections.

use shuttle::thread;

use super::{DUE, FRESH, Model, exhaust, explore, make_overdue};
use crate::cache::policy::Action;
use crate::token::error::token_error::TokenError;

/// Rejects the cached token.
fn reject_cached_token(model: &Model) {
    if let Some(token) = model.slot.living(FRESH, 0) {
        model.reject(&token);
    }
}

#[test]
fn a_rejected_token_is_never_served_again_in_any_order() {
    let orders = exhaust(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let Action::ServeAndRenew(_, ((), renewal)) = model.decide(DUE) else { panic!("it is due") };
        let completion = model.spawn(|model| {
            model.complete(renewal);
        });
        reject_cached_token(&model);
        completion.join().unwrap();
        model.look();
        model.assert_only_rejected_tokens_were_dropped();
    });
    eprintln!("{orders} orders");
    assert!(orders > 100);
}

#[test]
fn a_rejected_token_is_never_served_again_after_concurrent_renewals() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let renew: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([renew, renew, reject_cached_token, reject_cached_token]);
        model.assert_only_rejected_tokens_were_dropped();
    });
}

#[test]
fn waiting_callers_resume_when_a_request_is_lost() {
    explore(|| {
        let model = Model::new();
        // The request is lost, as when its runtime is shut down.
        let lost: fn(&Model) = |model| {
            if let Action::SendAndWait(((), sender), _) = model.decide(FRESH) {
                model.lose(sender);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([lost, ask, ask, lost]);
        // One or two lost requests do not start a cooldown.
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn a_lost_request_does_not_affect_concurrent_calls() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let lose: fn(&Model) = |model| {
            if let Action::ServeAndRenew(_, ((), sender)) | Action::SendAndWait(((), sender), _) = model.decide(DUE) {
                model.lose(sender);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([lose, ask, reject_cached_token, Model::rotate]);
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn waiting_callers_resume_when_a_request_fails() {
    explore(|| {
        let model = Model::new();
        let fail: fn(&Model) = |model| {
            if let Action::SendAndWait(((), sender), _) = model.decide(FRESH) {
                model.end(sender, Err(TokenError::ExpiredOnArrival));
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([fail, ask, ask]);
    });
}

#[test]
fn no_token_of_replaced_credentials_remains() {
    explore(|| {
        let model = Model::new();
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([ask, Model::rotate, ask, Model::rotate]);
    });
}

#[test]
fn a_request_that_ends_late_does_not_affect_later_requests() {
    explore(|| {
        let model = Model::new();
        let late: fn(&Model) = |model| {
            if let Action::SendAndWait(((), sender), _) = model.decide(FRESH) {
                model.history().disowned += 1;
                make_overdue();
                thread::yield_now();
                model.complete(sender);
            }
        };
        let fail: fn(&Model) = |model| {
            if let Action::SendAndWait(((), sender), _) = model.decide(FRESH) {
                model.end(sender, Err(TokenError::Interrupted));
            }
        };
        model.side_by_side([late, late, late, fail, Model::rotate]);
        drop(model.ask(DUE));
    });
}
