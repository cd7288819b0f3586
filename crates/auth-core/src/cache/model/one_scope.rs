//! One scope, whose callers, requests and rejections meet in every order.

use shuttle::thread;

use super::{DUE, FRESH, Model, exhaust, explore, make_overdue};
use crate::cache::policy::Action;
use crate::token::error::token_error::TokenError;

/// A caller whose token is not accepted.
fn reject_what_is_at_hand(model: &Model) {
    if let Some(token) = model.slot.living(FRESH, 0) {
        model.reject(&token);
    }
}

#[test]
fn a_rejected_token_never_comes_back_in_any_order_at_all() {
    let orders = exhaust(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let Action::ServeAndRenew(_, ((), renewal)) = model.decide(DUE) else { panic!("it is due") };
        let completion = model.spawn(|model| {
            model.complete(renewal);
        });
        reject_what_is_at_hand(&model);
        completion.join().unwrap();
        model.look();
        model.lacks_nothing_but_what_was_rejected();
    });
    eprintln!("{orders} orders");
    assert!(orders > 100);
}

#[test]
fn a_rejected_token_never_comes_back_when_many_reject_and_renew() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let renew: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([renew, renew, reject_what_is_at_hand, reject_what_is_at_hand]);
        model.lacks_nothing_but_what_was_rejected();
    });
}

#[test]
fn callers_are_released_wherever_a_request_is_lost() {
    explore(|| {
        let model = Model::new();
        // The runtime of the first goes away with its request, at any point.
        let lost: fn(&Model) = |model| {
            if let Action::SendAndWait(((), sender), _) = model.decide(FRESH) {
                model.lose(sender);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([lost, ask, ask, lost]);
        // One lost request or two are no reason for a cooldown.
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn a_request_may_be_lost_beside_everything_else() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let lose: fn(&Model) = |model| {
            if let Action::ServeAndRenew(_, ((), sender)) | Action::SendAndWait(((), sender), _) = model.decide(DUE) {
                model.lose(sender);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([lose, ask, reject_what_is_at_hand, Model::rotate]);
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn callers_are_released_when_a_request_fails() {
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
fn no_token_of_old_credentials_stays_after_they_were_dropped() {
    explore(|| {
        let model = Model::new();
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([ask, Model::rotate, ask, Model::rotate]);
    });
}

#[test]
fn an_old_request_that_ends_late_changes_nothing_that_is_younger() {
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
